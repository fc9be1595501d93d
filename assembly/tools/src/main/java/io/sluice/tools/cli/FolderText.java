package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.Payloads;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;

/** What was found in a buffer's folder, for people. */
final class FolderText {

    private FolderText() {}

    static String described(JsonNode all, Ansi ansi) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "buffer",
                all.path("id").asText() + " in " + all.path("folder").asText());
        line(
                text,
                "positions",
                all.path("first").asText() + " to " + all.path("last").asText() + ", "
                        + Amounts.bytes(all.path("bytes").asLong()) + " in "
                        + all.path("segments").size() + " segments");
        JsonNode sessions = all.path("sessions");
        line(
                text,
                "sessions",
                sessions.isMissingNode()
                        ? "none"
                        : sessions.path("sessions").asText() + ", with "
                                + sessions.path("queued").asText() + " queued messages; "
                                + sessions.path("retained").asText() + " retained messages; "
                                + Amounts.bytes(sessions.path("bytes").asLong()));
        if (!all.path("unreleased").isEmpty()) {
            line(
                    text,
                    "QoS 2",
                    all.path("unreleased").properties().stream()
                            .map(client -> Payloads.escaped(client.getKey()) + " has not released "
                                    + client.getValue().asText())
                            .collect(Collectors.joining(", ")));
        }
        all.path("lost").forEach(loss -> line(text, "lost", loss.asText()));
        if (all.path("damage").isEmpty()) {
            line(text, "health", "no damage shows; `sluice buffer check` reads every record");
        }
        all.path("damage").forEach(fault -> line(text, "damaged", fault.asText()));
        if (!all.path("connectors").isEmpty()) {
            text.append(System.lineSeparator());
            text.append(Table.of(
                    connectors(all.path("connectors")),
                    List.of("connector", "acknowledged", "behind", "oldest", "age", "unattached", "filters"),
                    ansi));
        }
        if (!all.path("segments").isEmpty()) {
            text.append(System.lineSeparator());
            text.append(Table.of(all.path("segments"), List.of("name", "first", "bytes", "begun"), ansi));
        }
        return text.toString();
    }

    private static ArrayNode connectors(JsonNode connectors) {
        ArrayNode rows = Common.JSON.createArrayNode();
        connectors.forEach(connector -> rows.add(connector
                .<ObjectNode>deepCopy()
                .put("connector", connector.path("name").asText())
                .put("oldest", connector.path("oldest").asText("nothing"))
                .put(
                        "filters",
                        connector
                                .path("filters")
                                .valueStream()
                                .map(JsonNode::asText)
                                .collect(Collectors.joining(", ")))));
        return rows;
    }

    static String checked(JsonNode all) {
        StringBuilder text = new StringBuilder();
        all.path("segments").forEach(segment -> text.append(segment.asText() + System.lineSeparator()));
        line(
                text,
                "messages",
                all.path("messages").asText() + " in " + all.path("lanes").size() + " lanes");
        all.path("waiting")
                .properties()
                .forEach(connector -> line(
                        text,
                        "waiting",
                        connector.getValue().asText() + " for " + Payloads.escaped(connector.getKey())));
        if (all.path("damage").isEmpty()) {
            line(text, "health", "nothing is damaged");
        }
        all.path("damage").forEach(fault -> line(text, "damaged", fault.asText()));
        all.path("start").forEach(deed -> line(text, "a start", deed.asText()));
        return text.toString();
    }

    private static void line(StringBuilder text, String title, String what) {
        text.append(String.format(Locale.ROOT, "%-11s%s%n", title, what));
    }

    /** A time as it is written on the command line, to the second. */
    static String time(Duration time) {
        return Duration.ofSeconds(Math.max(0, time.toSeconds()))
                .toString()
                .substring(2)
                .toLowerCase(Locale.ROOT);
    }
}
