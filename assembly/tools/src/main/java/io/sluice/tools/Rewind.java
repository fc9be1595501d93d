package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How far a connector is in each lane of its buffers, and its way back. Thread-safe.
 *
 * @param connect the worker
 * @param name the connector
 */
public record Rewind(ConnectClient connect, String name) {

    /** Where all is delivered again that a buffer still has. */
    public static final String EARLIEST = "earliest";

    private static final JsonMapper JSON = new JsonMapper();
    private static final String POSITION = "position";

    /**
     * A lane; each buffer numbers its lanes from 0.
     *
     * @param buffer the buffer's id
     * @param lane from 0
     */
    public record Lane(String buffer, int lane) {}

    /**
     * What a connector that went back was at before.
     *
     * @param before the last position of each lane that was done
     * @param changed how many lanes went back
     * @param runs whether the connector runs again; it does not if it was stopped or paused
     */
    public record Gone(Map<Lane, Long> before, int changed, boolean runs) {}

    /** The last position of each lane that is done, as Kafka Connect has stored it. */
    public Map<Lane, Long> positions() {
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

    /**
     * Stops the connector, sets it back, and lets it do again what it did.
     *
     * @param to the first position that is delivered again, or {@link #EARLIEST}
     * @throws ToolException if that is no position, or means something else in each of several buffers, or the worker
     *     refuses
     */
    public Gone to(String to) {
        long done = done(to);
        if (!to.equals(EARLIEST)) {
            onlyOneBuffer(to, positions().keySet());
        }
        Stopped stopped = Stopped.stop(connect, name);
        try {
            Map<Lane, Long> before = positions();
            int changed = goBack(done);
            return new Gone(before, changed, stopped.resume());
        } catch (ToolException e) {
            throw stopped.resumed(e);
        }
    }

    /** How many lanes are as far as they were before. */
    public int caughtUp(Gone gone) {
        Map<Lane, Long> now = positions();
        return (int) gone.before().entrySet().stream()
                .filter(lane -> now.getOrDefault(lane.getKey(), -1L) >= lane.getValue())
                .count();
    }

    private int goBack(long done) {
        ArrayNode changed = JSON.createArrayNode();
        for (JsonNode each : connect.offsets(name)) {
            if (each.path("offset").isObject() && each.at("/offset/position").asLong() > done) {
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

    /** Positions of one buffer mean nothing in another. */
    private void onlyOneBuffer(String to, Set<Lane> lanes) {
        Set<String> buffers = lanes.stream().map(Lane::buffer).collect(Collectors.toCollection(TreeSet::new));
        if (buffers.size() > 1) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "--to " + to + " is a position in one buffer, and the connector " + name
                            + " has read from several (" + String.join(", ", buffers)
                            + "); only --to earliest fits them all.");
        }
    }

    private static long done(String to) {
        try {
            long first = to.equals(EARLIEST) ? 0 : Long.parseLong(to);
            if (first >= 0) {
                return first - 1;
            }
        } catch (NumberFormatException e) {
            throw noPosition(to);
        }
        throw noPosition(to);
    }

    private static ToolException noPosition(String to) {
        return new ToolException(
                ExitCode.USAGE, "--to " + to + " is no position; it is earliest, or a number from 0 on.");
    }
}
