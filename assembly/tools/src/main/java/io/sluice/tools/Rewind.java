package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.buffer.Inspection;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How far a connector is in each lane of its buffers, and its way back. Thread-safe. */
public record Rewind(ConnectClient connect, String name) {

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * A lane; each buffer numbers its lanes from 0.
     *
     * @param buffer the buffer's id
     * @param lane from 0
     */
    public record Lane(String buffer, int lane) implements Comparable<Lane> {

        /** The lane of an offset as a worker tells it. */
        public static Lane of(JsonNode offset) {
            return new Lane(
                    offset.at("/partition/buffer").asText(),
                    offset.at("/partition/lane").asInt());
        }

        @Override
        public int compareTo(Lane other) {
            return buffer.equals(other.buffer) ? Integer.compare(lane, other.lane) : buffer.compareTo(other.buffer);
        }
    }

    /**
     * What a connector that went back was at before.
     *
     * @param before the last position of each lane that was done
     * @param changed how many lanes went back
     * @param runs whether the connector runs again; it does not if it was stopped or paused
     */
    public record Gone(Map<Lane, Long> before, int changed, boolean runs) {}

    /** The last position of each lane that is done, as Kafka Connect has stored it, in the order of the lanes. */
    public Map<Lane, Long> positions() {
        Map<Lane, Long> positions = new TreeMap<>();
        for (JsonNode each : connect.offsets(name)) {
            if (each.path("offset").isObject()) {
                positions.put(Lane.of(each), each.at("/offset/position").asLong());
            }
        }
        return positions;
    }

    /**
     * The place that a connector goes back to.
     *
     * @param first the first position that is delivered again
     * @param buffer the id of the only buffer whose lanes go back; empty: those of all do
     */
    public record Goal(long first, Optional<String> buffer) {}

    /**
     * Finds the place that is meant.
     *
     * @param dir the folder to look a time up in; empty for the one that the connector names
     * @throws ToolException if a position means something else in each of several buffers, or a time is not to be found
     */
    public Goal goal(RewindTarget target, Optional<Path> dir) {
        if (target instanceof RewindTarget.Position position) {
            onlyOneBuffer(position.first());
            return new Goal(position.first(), Optional.empty());
        }
        if (target instanceof RewindTarget.Since since) {
            Inspection.Place place = since.in(connect.connector(name), dir);
            knows(place.buffer());
            return new Goal(place.position(), Optional.of(place.buffer()));
        }
        return new Goal(0, Optional.empty());
    }

    /**
     * Stops the connector, sets it back, and lets it do again what it did.
     *
     * @throws ToolException if the worker refuses
     */
    public Gone to(Goal goal) {
        // The positions from before are read first.
        return Stopped.during(connect, name, runs -> new Gone(positions(), goBack(goal), runs));
    }

    /** How many lanes are as far as they were before. */
    public int caughtUp(Gone gone) {
        Map<Lane, Long> now = positions();
        return (int) gone.before().entrySet().stream()
                .filter(lane -> now.getOrDefault(lane.getKey(), -1L) >= lane.getValue())
                .count();
    }

    private int goBack(Goal goal) {
        long done = goal.first() - 1;
        ArrayNode changed = JSON.createArrayNode();
        for (JsonNode each : connect.offsets(name)) {
            String buffer = each.at("/partition/buffer").asText();
            if (each.path("offset").isObject()
                    && goal.buffer().orElse(buffer).equals(buffer)
                    && each.at("/offset/position").asLong() > done) {
                ObjectNode lane = changed.addObject();
                lane.set("partition", each.path("partition"));
                lane.putObject("offset").put("position", done);
            }
        }
        if (!changed.isEmpty()) {
            connect.alterOffsets(name, changed);
        }
        return changed.size();
    }

    /** Positions of one buffer mean nothing in another. */
    private void onlyOneBuffer(long first) {
        List<String> buffers =
                positions().keySet().stream().map(Lane::buffer).distinct().toList();
        if (buffers.size() > 1) {
            throw ToolException.usage("--to " + first + " is a position in one buffer, and the connector " + name
                    + " has read from several (" + String.join(", ", buffers)
                    + "); only --to earliest fits them all.");
        }
    }

    private void knows(String buffer) {
        if (positions().keySet().stream().noneMatch(lane -> lane.buffer().equals(buffer))) {
            throw ToolException.failed("The connector " + name + " has no offset in the buffer " + buffer
                    + "; name the folder of one that it has read with --buffer.");
        }
    }
}
