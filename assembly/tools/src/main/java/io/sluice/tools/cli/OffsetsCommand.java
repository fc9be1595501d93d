package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Patience;
import io.sluice.tools.Rewind;
import io.sluice.tools.RewindTarget;
import io.sluice.tools.Stopped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where a connector is in its buffer, and where it is to go on. */
@Command(
        name = "offsets",
        description = "Shows a connector's offset in each lane of its buffer, and replays messages that the buffer"
                + " still has (buffer.retention.ms).",
        addMethodSubcommands = false,
        footer = {"  sluice offsets show sluice", "  sluice offsets rewind sluice --to earliest --wait 5m"})
final class OffsetsCommand {

    private static final String NAME = "the connector's name";
    private static final String POSITION = "position";
    private static final Duration READ_BACK = Duration.ofSeconds(15);

    @Command(
            description = "Shows the last delivered message of each lane, as Kafka Connect has stored it.",
            footer = "  sluice offsets show sluice")
    void show(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ArrayNode rows = Common.JSON.createArrayNode();
        worker.connect()
                .offsets(name)
                .valueStream()
                .filter(each -> each.path("offset").isObject())
                .sorted(Comparator.comparing(Rewind.Lane::of))
                .forEach(each -> rows.addObject()
                        .put("lane", each.at("/partition/lane").asInt())
                        .put(POSITION, each.at("/offset/position").asLong())
                        .put("route", each.at("/offset/part").asText())
                        .put("buffer", each.at("/partition/buffer").asText()));
        worker.print(rows, "lane", POSITION, "route", "buffer");
    }

    @Command(
            description = "Stops the connector, sets its offsets back, and resumes it: it delivers the messages in the"
                    + " buffer from a position on again, so Kafka has them twice. Messages that the buffer has"
                    + " dropped cannot be replayed.",
            footer = {
                "  sluice offsets rewind sluice --to 120000 --wait 5m",
                "  sluice offsets rewind sluice --to 2026-03-04T05:06:07Z"
            })
    void rewind(
            @Mixin WorkerOptions worker,
            @Option(
                            names = "--to",
                            paramLabel = "POSITION",
                            required = true,
                            description = "The first position that is delivered again; earliest for all there is; a"
                                    + " time such as 2026-03-04T05:06:07Z, by the broker's clock, or how long ago,"
                                    + " such as 15m. A time is looked up in the buffer's folder, on this machine.")
                    String to,
            @Option(
                            names = "--buffer",
                            paramLabel = "DIR",
                            description = "The folder to look a time up in; by default the connector's buffer.dir."
                                    + " Only the lanes of that buffer go back.")
                    @Nullable
                    Path buffer,
            @Option(
                            names = "--wait",
                            paramLabel = "TIME",
                            arity = "0..1",
                            fallbackValue = "10m",
                            description = "Wait until it has caught up, at most this long; 10m if no time is given."
                                    + " Kafka Connect stores offsets once a minute, unless offset.flush.interval.ms"
                                    + " differs.")
                    @Nullable
                    Duration wait,
            @Parameters(paramLabel = "NAME", description = NAME) String name) {
        RewindTarget target = RewindTarget.of(to);
        Rewind rewind = new Rewind(worker.connect(), name);
        Rewind.Goal goal = rewind.goal(target, Optional.ofNullable(buffer));
        if (target instanceof RewindTarget.Since since) {
            worker.say("The first message since " + since.time() + " is at position " + goal.first() + ".");
        }
        Rewind.Gone gone = rewind.to(goal);
        int lanes = gone.before().size();
        worker.say("The connector " + name + " goes back in " + gone.changed() + " of " + lanes + " lanes.");
        if (gone.runs() && wait != null) {
            ProgressLine progress = new ProgressLine(worker, lanes);
            Patience.await(
                    wait,
                    () -> progress.show(rewind.caughtUp(gone)),
                    "The connector " + name + " is not where it was after " + wait.toSeconds() + " s.");
        }
    }

    @Command(
            description =
                    "Stops the connector, deletes its offsets, and resumes it: it delivers all messages in the buffer.",
            footer = "  sluice offsets reset sluice")
    void reset(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ConnectClient connect = worker.connect();
        Stopped.during(connect, name, runs -> {
            connect.resetOffsets(name);
            // A worker reads back some moments later what it has forgotten.
            Patience.await(
                    READ_BACK,
                    () -> new Rewind(connect, name).positions().isEmpty(),
                    "The worker still knows how far " + name + " was.");
            worker.say("The worker has forgotten how far " + name + " was.");
            return name;
        });
    }
}
