package io.sluice.broker.server;

import io.sluice.buffer.Inspection;
import io.sluice.buffer.Inspection.ConsumerShown;
import io.sluice.buffer.Inspection.Description;
import io.sluice.buffer.recovery.LogInspection;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command that looks at a buffer's folder while no broker uses it, {@code sluice-broker buffer
 * describe|check|forget FOLDER …}; also at that of a broker that runs in a Connect worker.
 *
 * <p>Exit codes: 0, all is well; 1, the folder cannot be used, or something is damaged; 2, the command was not
 * understood.
 */
@Command(
        name = "sluice-buffer",
        mixinStandardHelpOptions = true,
        description = "Inspects a buffer's folder (buffer.dir) while no broker uses it.",
        synopsisSubcommandLabel = "COMMAND")
public final class BufferCommand {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Command(description = "Shows segments, positions and consumers, without reading all messages.")
    int describe(@Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder)
            throws IOException {
        try (Inspection inspection = Inspection.open(folder)) {
            Description found = inspection.describe();
            print(found);
            return found.damage().isEmpty() ? 0 : 1;
        }
    }

    private void print(Description found) {
        PrintWriter out = out();
        if (found.checkpoint().isEmpty()) {
            out.println("No checkpoint is intact.");
        }
        out.printf("Buffer:    %s%n", found.id());
        out.printf("Positions: %d to %d%n", found.first(), found.last());
        out.printf("%nConsumers: %d%n", found.consumers().size());
        for (ConsumerShown consumer : found.consumers()) {
            out.printf(
                    "  %s: acknowledged up to %d (%d behind), ack.mode %s, not attached for %s, filters %s%n",
                    consumer.name(),
                    consumer.acknowledged(),
                    consumer.behind(),
                    consumer.ackMode(),
                    consumer.unattached(),
                    consumer.filters());
            consumer.oldest().ifPresent(time -> out.printf("    waits since %s%n", time));
            out.printf("    by lane: %s%n", consumer.lanes());
        }
        found.losses().forEach(loss -> out.printf("Lost:      %s%n", loss));
        out.printf("%nSegments: %d%n", found.segments().size());
        for (LogInspection.SegmentFile segment : found.segments()) {
            out.printf(
                    "  %s: from position %d, %d bytes, %s%n",
                    segment.name(),
                    segment.base(),
                    segment.bytes(),
                    segment.begun().map(time -> "begun " + time).orElse("header damaged"));
        }
        out.printf(
                "%nQoS 2 messages that their clients have not released: %d of %d clients%n",
                found.unreleased().values().stream().mapToInt(Integer::intValue).sum(),
                found.unreleased().size());
        found.unreleased().forEach((client, count) -> out.printf("  %s: %d%n", client, count));
        found.damage().forEach(fault -> out.printf("%s.%n", fault));
    }

    @Command(description = "Reads the whole folder, counts messages by lane and shows damage. Changes nothing.")
    int check(@Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder) throws IOException {
        try (Inspection inspection = Inspection.open(folder)) {
            LogInspection.Reading found = inspection.log().read();
            PrintWriter out = out();
            found.intact().forEach(out::println);
            found.messages().forEach((lane, count) -> out.printf("Lane %2d: %d messages%n", lane, count));
            out.printf(
                    "QoS 2: %d releases, %d ends of sessions, %d clients repeated at the start of segments%n",
                    found.releases(), found.sessionEnds(), found.repeated());
            found.faults().forEach(out::println);
            out.println(
                    found.faults().isEmpty()
                            ? "Nothing is damaged."
                            : found.faults().size() + " faults.");
            return found.faults().isEmpty() ? 0 : 1;
        }
    }

    @Command(description = "Forgets a consumer: the buffer keeps nothing for it any more.")
    int forget(
            @Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder,
            @Parameters(paramLabel = "CONSUMER", description = "the connector's name") String consumer)
            throws IOException {
        Inspection.forget(folder, consumer);
        out().printf("'%s' is forgotten.%n", consumer);
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
