package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.message.Message;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Payloads;
import io.sluice.tools.RouteTrial;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a connector's routes do. */
@Command(
        name = "routes",
        description = "Tries a connector's routes.",
        addMethodSubcommands = false,
        footer = "  sluice routes test -f first.json --topic sensors/1/temp --payload 21.5")
final class RoutesCommand {

    @Command(
            name = "test",
            description = "Shows, without a worker, which routes of a connector take a message, and the record that"
                    + " each makes of it: topic, key, headers and value, or why it is a dead letter. Ends with 3 if"
                    + " it is one, or no route takes it. With --from it takes live messages from a broker instead, as"
                    + " a subscriber sees them: who has published them is not known then.",
            footer = {
                "  sluice routes test -f first.json --topic sensors/1/temp --payload 21.5",
                "  sluice routes test -f first.json --topic sensors/1 --payload-file reading.json \\",
                "      --property site=berlin",
                "  sluice routes test -f first.json --from mqtt://localhost:1883 -n 3"
            })
    static final class Test implements Callable<Integer> {

        @Mixin
        private final Common common = new Common();

        @Mixin
        private final FileOptions files = new FileOptions();

        @Option(names = "--topic", paramLabel = "TOPIC", description = "The message's MQTT topic.")
        private @Nullable String topic;

        @Mixin
        private final LiveMessages live = new LiveMessages();

        @Option(names = "--payload", paramLabel = "TEXT", description = "Its payload; by default it is empty.")
        private String payload = "";

        @Option(names = "--payload-file", paramLabel = "FILE", description = "A file that is its payload.")
        private @Nullable Path payloadFile;

        @Option(names = "--client-id", paramLabel = "ID", description = "Who publishes it; by default client-1.")
        private String clientId = "client-1";

        @Option(names = "--username", paramLabel = "NAME", description = "The user who publishes it; by default none.")
        private @Nullable String username;

        @Option(names = "--qos", paramLabel = "QOS", description = "0, 1 or 2; by default 1.")
        private int qos = 1;

        @Option(names = "--retain", description = "It is retained.")
        private boolean retain;

        @Option(names = "--content-type", paramLabel = "TYPE", description = "What its payload is (MQTT 5).")
        private @Nullable String contentType;

        @Option(names = "--property", paramLabel = "NAME=VALUE", description = "A user property of it (MQTT 5).")
        private List<String> properties = List.of();

        @Override
        public Integer call() {
            if (live.areWanted() == (topic != null)) {
                throw ToolException.usage(
                        "This needs either --topic, for a message of your own, or --from, for live ones.");
            }
            Map<Connector, RouteTrial> trials = new LinkedHashMap<>();
            files.connectors(common.surroundings())
                    .forEach(connector -> trials.put(connector, RouteTrial.of(connector)));
            return topic == null ? takeLive(trials) : tryOne(trials, message(topic));
        }

        private int tryOne(Map<Connector, RouteTrial> trials, Message message) {
            ArrayNode rows = rows(trials, message);
            if (rows.isEmpty()) {
                common.say("No route takes " + message.topic() + ".");
            }
            common.print(rows, () -> text(rows), () -> rows.findValuesAsText("route"));
            return ExitCode.ofCheck(!rows.isEmpty() && isGood(rows));
        }

        private int takeLive(Map<Connector, RouteTrial> trials) {
            List<String> filters = trials.values().stream()
                    .flatMap(trial -> trial.filters().stream())
                    .distinct()
                    .toList();
            boolean[] good = {true};
            boolean complete = live.take(common, filters, message -> {
                ArrayNode rows = rows(trials, message);
                good[0] &= isGood(rows);
                rows.forEach(row -> print((ObjectNode) row, message.topic(), rows));
                common.surroundings().out().flush();
                return !common.surroundings().out().checkError();
            });
            return !complete ? ExitCode.TIMED_OUT.number() : ExitCode.ofCheck(good[0]);
        }

        private void print(ObjectNode row, String mqttTopic, ArrayNode rows) {
            row.put("mqttTopic", mqttTopic);
            boolean first = rows.get(0).equals(row);
            String text = (first ? Payloads.escaped(mqttTopic) + "\n" : "")
                    + text(Common.JSON.createArrayNode().add(row)).stripTrailing();
            common.surroundings()
                    .out()
                    .print(common.line(row, text, row.path("route").asText()));
        }

        private static ArrayNode rows(Map<Connector, RouteTrial> trials, Message message) {
            ArrayNode rows = Common.JSON.createArrayNode();
            trials.forEach(
                    (connector, trial) -> trial.make(message).forEach(made -> rows.add(made.json(connector.name()))));
            return rows;
        }

        private static boolean isGood(ArrayNode rows) {
            return !rows.findValuesAsText("result").contains("dead letter");
        }

        private Message message(String of) {
            int checked = BrokerOptions.qos("--qos", qos);
            About about = new About(
                    Optional.ofNullable(contentType),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalLong.empty(),
                    false,
                    properties.stream().map(Publish::property).toList());
            return new MqttMessage(of, Publish.payload(payloadFile, payload), checked, retain, about)
                    .publishedBy(clientId, Optional.ofNullable(username));
        }

        private static String text(ArrayNode rows) {
            StringBuilder text = new StringBuilder();
            rows.forEach(row -> {
                String reason = row.has("reason") ? ", " + row.path("reason").asText() : "";
                text.append(row.path("connector").asText() + ", route "
                        + row.path("route").asText() + ": " + row.path("result").asText() + Payloads.escaped(reason)
                        + "\n");
                for (String field : List.of("topic", "key", "value", "valueBase64")) {
                    if (row.hasNonNull(field)) {
                        text.append("  " + field + ": "
                                + Payloads.escaped(row.path(field).asText()) + "\n");
                    }
                }
                row.path("headers")
                        .forEach(header -> text.append("  header "
                                + Payloads.escaped(header.path("name").asText()) + ": "
                                + Payloads.escaped(header.path("value")
                                        .asText(header.path("valueBase64").asText())) + "\n"));
            });
            return text.toString();
        }
    }
}
