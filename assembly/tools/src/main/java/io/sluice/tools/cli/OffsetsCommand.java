package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.buffer.Inspection;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where a connector is in its buffer, and where it is to go on. */
@Command(
        name = "offsets",
        mixinStandardHelpOptions = true,
        versionProvider = ToolsVersion.class,
        description =
                "Shows how far a connector is in each lane of its buffer, and lets it deliver again what the buffer"
                        + " still has (buffer.retention.ms).",
        synopsisSubcommandLabel = "COMMAND",
        addMethodSubcommands = false,
        footerHeading = "%nExamples:%n",
        footer = {"  sluice offsets show sluice", "  sluice offsets rewind sluice --to earliest --wait 5m"})
final class OffsetsCommand {

    private static final String NAME = "the connector's name";
    private static final String POSITION = "position";
    private static final Duration READ_BACK = Duration.ofSeconds(15);

    /** Each buffer numbers its lanes from 0. */
    private record Lane(String buffer, int lane) {}

    @Command(
            description = "Shows the last message of each lane that is done, as Kafka Connect has stored it.",
            footerHeading = "%nExample:%n",
            footer = "  sluice offsets show sluice")
    void show(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ArrayNode rows = Common.JSON.createArrayNode();
        for (JsonNode each : worker.connect().offsets(name)) {
            if (each.path("offset").isObject()) {
                rows.addObject()
                        .put("lane", each.at("/partition/lane").asInt())
                        .put(POSITION, each.at("/offset/position").asLong())
                        .put("route", each.at("/offset/part").asText())
                        .put("buffer", each.at("/partition/buffer").asText());
            }
        }
        worker.print(rows, "lane", POSITION, "route", "buffer");
    }

    @Command(
            description =
                    "Stops the connector, lets it deliver again what is in the buffer from a position on, and lets it"
                            + " go on. Records come twice into Kafka. What the buffer has dropped cannot come again.",
            footerHeading = "%nExamples:%n",
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
                            description =
                                    "The first position that is delivered again; earliest for all there is; a time"
                                            + " such as 2026-03-04T05:06:07Z, by the broker's clock, or how long ago, such as 15m."
                                            + " A time is looked up in the buffer's folder, on this machine.")
                    String to,
            @Option(
                            names = "--buffer",
                            paramLabel = "DIR",
                            description =
                                    "The folder to look a time up in; by default the connector's buffer.dir. Only the"
                                            + " lanes of that buffer go back.")
                    @Nullable
                    Path buffer,
            @Option(
                            names = "--wait",
                            paramLabel = "TIME",
                            arity = "0..1",
                            fallbackValue = "10m",
                            description =
                                    "Wait until it is where it was, at most so long; 10m if no time is given. Kafka"
                                            + " Connect stores offsets once a minute, unless offset.flush.interval.ms is other.")
                    @Nullable
                    Duration wait,
            @Parameters(paramLabel = "NAME", description = NAME) String name) {
        RewindTarget target = RewindTarget.of(to);
        ConnectClient connect = worker.connect();
        long done = -1;
        Optional<String> only = Optional.empty();
        if (target instanceof RewindTarget.Position position) {
            onlyOneBuffer(to, name, positions(connect, name).keySet());
            done = position.first() - 1;
        } else if (target instanceof RewindTarget.Since since) {
            Inspection.Place place = since.in(connect.connector(name), Optional.ofNullable(buffer));
            done = place.position() - 1;
            only = Optional.of(place.buffer());
            knows(place.buffer(), name, positions(connect, name).keySet());
            worker.say("The first message since " + since.time() + " is at position " + place.position() + ".");
        }
        Stopped stopped = Stopped.stop(connect, name);
        Map<Lane, Long> before;
        try {
            before = positions(connect, name);
            int changed = goBack(connect, name, done, only);
            worker.say("The connector " + name + " goes back in " + changed + " of " + before.size() + " lanes.");
        } catch (ToolException e) {
            throw stopped.resumed(e);
        }
        if (stopped.resume() && wait != null) {
            ProgressLine progress = new ProgressLine(worker, before.size());
            Patience.await(
                    wait,
                    () -> progress.show(caughtUp(before, positions(connect, name))),
                    "The connector " + name + " is not where it was after " + wait.toSeconds() + " s.");
        }
    }

    /** Positions of one buffer mean nothing in another. */
    private static void onlyOneBuffer(String to, String name, Set<Lane> lanes) {
        Set<String> buffers = lanes.stream().map(Lane::buffer).collect(Collectors.toCollection(TreeSet::new));
        if (buffers.size() > 1) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "--to " + to + " is a position in one buffer, and the connector " + name
                            + " has read from several (" + String.join(", ", buffers)
                            + "); only --to earliest fits them all.");
        }
    }

    private static void knows(String buffer, String name, Set<Lane> lanes) {
        if (lanes.stream().noneMatch(lane -> lane.buffer().equals(buffer))) {
            throw new ToolException(
                    ExitCode.FAILED,
                    "The connector " + name + " has no offset in the buffer " + buffer
                            + "; name the folder of one that it has read with --buffer.");
        }
    }

    private static int goBack(ConnectClient connect, String name, long done, Optional<String> only) {
        ArrayNode changed = Common.JSON.createArrayNode();
        for (JsonNode each : connect.offsets(name)) {
            boolean meant = only.isEmpty()
                    || only.get().equals(each.at("/partition/buffer").asText());
            if (meant
                    && each.path("offset").isObject()
                    && each.at("/offset/position").asLong() > done) {
                ObjectNode lane = changed.addObject();
                lane.set("partition", each.path("partition"));
                lane.putObject("offset").put(POSITION, done);
            }
        }
        if (!changed.isEmpty()) {
            connect.alterOffsets(name, changed);
        }
        return changed.size();
    }

    private static int caughtUp(Map<Lane, Long> before, Map<Lane, Long> now) {
        return (int) before.entrySet().stream()
                .filter(lane -> now.getOrDefault(lane.getKey(), -1L) >= lane.getValue())
                .count();
    }

    private static Map<Lane, Long> positions(ConnectClient connect, String name) {
        Map<Lane, Long> positions = new HashMap<>();
        for (JsonNode each : connect.offsets(name)) {
            if (each.path("offset").isObject()) {
                positions.put(
                        new Lane(
                                each.at("/partition/buffer").asText(),
                                each.at("/partition/lane").asInt()),
                        each.at("/offset/position").asLong());
            }
        }
        return positions;
    }

    @Command(
            description =
                    "Stops the connector, forgets how far it was, and lets it go on: it delivers all that the buffer"
                            + " has.",
            footerHeading = "%nExample:%n",
            footer = "  sluice offsets reset sluice")
    void reset(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ConnectClient connect = worker.connect();
        Stopped stopped = Stopped.stop(connect, name);
        try {
            connect.resetOffsets(name);
            // A worker reads back some moments later what it has forgotten.
            Patience.await(
                    READ_BACK,
                    () -> positions(connect, name).isEmpty(),
                    "The worker still knows how far " + name + " was.");
        } catch (ToolException e) {
            throw stopped.resumed(e);
        }
        worker.say("The worker has forgotten how far " + name + " was.");
        stopped.resume();
    }
}
