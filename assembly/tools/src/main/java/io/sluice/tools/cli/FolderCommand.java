package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.broker.session.StoreInspection;
import io.sluice.buffer.Inspection;
import io.sluice.buffer.Inspection.ConsumerShown;
import io.sluice.buffer.Inspection.Description;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.recovery.LogInspection;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A buffer's folder while no broker uses it. */
@Command(
        name = "buffer",
        description = "Inspects a buffer's folder (buffer.dir) on this machine while no broker uses it: stop the"
                + " broker, or the connectors of its worker, first.",
        addMethodSubcommands = false,
        footer = {"  sluice buffer describe /var/lib/sluice", "  sluice buffer check /var/lib/sluice -o json"})
final class FolderCommand {

    private static final String DIR = "the buffer's folder";
    private static final String SESSIONS = "sessions";

    @Command(
            description = "Shows segments, positions, connectors and how much waits for them since when, and MQTT"
                    + " sessions. Changes nothing. Exits with 3 if it sees damage.",
            footer = "  sluice buffer describe /var/lib/sluice")
    int describe(@Mixin Common common, @Parameters(paramLabel = "DIR", description = DIR) Path dir) {
        ObjectNode all = looking(
                dir, inspection -> json(dir, inspection.describe(), StoreInspection.read(dir.resolve(SESSIONS))));
        common.print(
                all,
                () -> FolderText.described(all, common.ansi()),
                () -> List.of(all.path("id").asText()));
        return ExitCode.ofCheck(all.path("damage").isEmpty());
    }

    private static ObjectNode json(Path dir, Description found, Optional<StoreInspection.Contents> sessions) {
        ObjectNode all = Common.JSON
                .createObjectNode()
                .put("id", found.id())
                .put("folder", dir.toString())
                .put("first", found.first())
                .put("last", found.last())
                .put("bytes", found.bytes());
        ArrayNode consumers = all.putArray("connectors");
        found.consumers().forEach(consumer -> put(consumers.addObject(), consumer));
        ArrayNode segments = all.putArray("segments");
        found.segments().forEach(segment -> {
            ObjectNode row = segments.addObject()
                    .put("name", segment.name())
                    .put("first", segment.base())
                    .put("bytes", segment.bytes());
            segment.begun().ifPresent(time -> row.put("begun", time.toString()));
        });
        ArrayNode damage = all.putArray("damage");
        if (found.checkpoint().isEmpty()) {
            damage.add("No checkpoint is intact: the connectors are not known.");
        }
        found.damage().forEach(fault -> damage.add(fault + "."));
        all.set("lost", Common.JSON.valueToTree(found.losses()));
        all.set("unreleased", Common.JSON.valueToTree(found.unreleased()));
        sessions.ifPresent(contents -> {
            all.putObject(SESSIONS)
                    .put("sessions", contents.sessions())
                    .put("queued", contents.queued())
                    .put("retained", contents.retained())
                    .put("bytes", contents.bytes());
            contents.damage().ifPresent(sentence -> damage.add("MQTT sessions: " + sentence));
        });
        return all;
    }

    private static void put(ObjectNode row, ConsumerShown consumer) {
        row.put("name", consumer.name())
                .put("acknowledged", consumer.acknowledged())
                .put("behind", consumer.behind());
        consumer.oldest()
                .ifPresent(time -> row.put("oldest", time.toString())
                        .put("age", FolderText.time(Duration.between(time, Instant.now()))));
        row.put("unattached", FolderText.time(consumer.unattached())).put("ackMode", consumer.ackMode());
        row.set("filters", Common.JSON.valueToTree(consumer.filters()));
    }

    @Command(
            description = "Reads every record, verifies checksums and layout, counts the messages that wait for each"
                    + " connector, and reports damage and what a broker does about it at its start. Changes"
                    + " nothing. Exits with 3 if something is damaged.",
            footer = "  sluice buffer check /var/lib/sluice")
    int check(@Mixin Common common, @Parameters(paramLabel = "DIR", description = DIR) Path dir) {
        ObjectNode all = looking(
                dir,
                inspection -> json(
                        StoreInspection.read(dir.resolve(SESSIONS)).flatMap(StoreInspection.Contents::damage),
                        inspection.log().read(),
                        inspection.waiting(),
                        inspection.log().start()));
        common.print(all, () -> FolderText.checked(all), () -> List.of());
        return ExitCode.ofCheck(all.path("damage").isEmpty());
    }

    private static ObjectNode json(
            Optional<String> sessions, LogInspection.Reading found, Map<String, Long> waits, List<String> start) {
        long messages =
                found.messages().values().stream().mapToLong(Long::longValue).sum();
        ObjectNode all = Common.JSON.createObjectNode().put("messages", messages);
        all.set("lanes", Common.JSON.valueToTree(found.messages()));
        all.set("waiting", Common.JSON.valueToTree(waits));
        all.set("segments", Common.JSON.valueToTree(found.intact()));
        ArrayNode damage = all.putArray("damage");
        found.faults().forEach(fault -> damage.add(fault + "."));
        ArrayNode begins = all.putArray("start");
        start.forEach(begins::add);
        sessions.ifPresent(sentence -> {
            damage.add("MQTT sessions: " + sentence);
            begins.add(
                    "It keeps the journal of MQTT sessions under another name, and goes on with what comes before the"
                            + " damage.");
        });
        return all;
    }

    @Command(
            description = "Forgets a connector that does not return: the buffer no longer keeps messages for it, and"
                    + " drops those that no other connector needs.",
            footer = "  sluice buffer forget /var/lib/sluice --connector old-name")
    void forget(
            @Mixin Common common,
            @Parameters(paramLabel = "DIR", description = DIR) Path dir,
            @Option(names = "--connector", paramLabel = "NAME", required = true, description = "The connector's name.")
                    String name,
            @Option(names = "--yes", description = "Do not ask.") boolean yes) {
        List<ConsumerShown> known =
                looking(dir, inspection -> inspection.describe().consumers());
        Optional<ConsumerShown> wanted =
                known.stream().filter(each -> each.name().equals(name)).findFirst();
        if (wanted.isPresent() && !yes && !common.surroundings().agrees(question(wanted.get()))) {
            throw ToolException.failed("The buffer still keeps messages for " + name + ".");
        }
        try {
            Inspection.forget(dir, name);
        } catch (BufferException e) {
            throw refused(e);
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
        common.say("The buffer keeps nothing for " + name + " any more.");
    }

    private static String question(ConsumerShown consumer) {
        return "Forget " + consumer.name() + ", "
                + consumer.oldest()
                        .map(time -> "for which messages wait since " + time)
                        .orElse("for which no message waits")
                + "?";
    }

    private interface Look<T> {

        T at(Inspection inspection) throws IOException;
    }

    private static <T> T looking(Path dir, Look<T> look) {
        try (Inspection inspection = Inspection.open(dir)) {
            return look.at(inspection);
        } catch (BufferException e) {
            throw refused(e);
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
    }

    private static ToolException refused(BufferException e) {
        return ToolException.failed(e.getMessage() + ".", e);
    }

    private static ToolException unreadable(Path dir, IOException e) {
        return ToolException.failed(dir + " cannot be read: " + e + ".", e);
    }
}
