package io.sluice.connect.delivery;

import io.sluice.buffer.record.Lanes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Source partitions and source offsets: built, read and checked here and nowhere else.
 *
 * <p>A source partition is a lane of a buffer, {@code {"buffer": id, "lane": n}}. A source offset is the last record
 * handed over, {@code {"position": p, "part": route, "run": r}}: the record that a route made of the message at position p.
 * A message's records are made in the order of the names of its routes; where a route splits, {@code part} is the name of
 * the route and the number of the element, as in {@code readings#000012} ({@link RecordPart}). {@code run}
 * marks offsets that this connector wrote and that may be advanced to what the buffer knows to be acknowledged; an
 * offset without it is obeyed to the letter. Immutable and thread-safe.
 */
public final class SourceOffsets {

    private static final String BUFFER = "buffer";
    private static final String LANE = "lane";
    private static final String POSITION = "position";
    private static final String PART = "part";
    private static final String RUN = "run";

    private static final Set<String> PARTITION_KEYS = Set.of(BUFFER, LANE);
    private static final Set<String> OFFSET_KEYS = Set.of(POSITION, PART);

    private final List<Map<String, Object>> partitions;
    private final Supplier<String> run;

    /**
     * @param bufferId the buffer's identity
     * @param run the mark of the attachment, as it is now
     */
    public SourceOffsets(String bufferId, Supplier<String> run) {
        this.run = run;
        List<Map<String, Object>> byLane = new ArrayList<>();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            // Kafka Connect finds an offset by the bytes of its partition as JSON. What an operator sends has gone
            // through a HashMap there, so the order of keys must be that of a HashMap here too.
            Map<String, Object> partition = new HashMap<>();
            partition.put(BUFFER, bufferId);
            partition.put(LANE, lane);
            byLane.add(Collections.unmodifiableMap(partition));
        }
        this.partitions = List.copyOf(byLane);
    }

    public Map<String, Object> partition(int lane) {
        return partitions.get(lane);
    }

    /** The source offset of a record that is handed over for the first time. */
    public Map<String, Object> offset(long position, String part) {
        return Map.of(POSITION, position, PART, part, RUN, run.get());
    }

    /**
     * The source offset of a record below what the buffer knows to be acknowledged, handed over again because an
     * operator said so. It must not be advanced, or a restart would cut the repetition short.
     */
    public Map<String, Object> replayOffset(long position, String part) {
        return Map.of(POSITION, position, PART, part);
    }

    /**
     * The offsets that Kafka Connect holds, by lane.
     *
     * @throws ConnectException if one of them is not an offset of this connector
     */
    public Map<Integer, StoredOffset> read(OffsetStorageReader reader, Lanes lanes) {
        List<Map<String, Object>> asked =
                lanes.stream().mapToObj(this::partition).toList();
        Map<Integer, StoredOffset> byLane = new TreeMap<>();
        reader.offsets(asked).forEach((partition, offset) -> {
            if (offset != null) {
                byLane.put((Integer) partition.get(LANE), stored(offset));
            }
        });
        return byLane;
    }

    private static StoredOffset stored(Map<String, Object> offset) {
        checkPosition(offset);
        long position = ((Number) Objects.requireNonNull(offset.get(POSITION))).longValue();
        // A number counted routes by their places, which may be others now: the message is handed over again.
        return new StoredOffset(
                position,
                Optional.ofNullable(offset.get(PART)).map(part -> part instanceof String written ? written : ""),
                Optional.ofNullable(offset.get(RUN)).map(Object::toString));
    }

    /**
     * Checks an offset that an operator sets. A null offset, which removes what is stored, is always allowed, so that
     * whatever is stored can be removed.
     *
     * @throws ConnectException with one sentence for the first mistake
     */
    public static void check(Map<String, ?> partition, @Nullable Map<String, ?> offset) {
        if (offset == null) {
            return;
        }
        checkKeys("source partition", partition, PARTITION_KEYS);
        if (!(partition.get(BUFFER) instanceof String id) || id.isBlank()) {
            throw mistake(partition, BUFFER, "it is the id of a buffer, as GET shows it");
        }
        if (!isWhole(partition.get(LANE), 0, Lanes.COUNT - 1)) {
            throw mistake(partition, LANE, "it is a whole number from 0 to " + (Lanes.COUNT - 1));
        }
        if (offset.containsKey(RUN)) {
            throw new ConnectException("The source offset " + offset
                    + " has a run, which marks offsets that the connector wrote itself: leave it out.");
        }
        checkKeys("source offset", offset, OFFSET_KEYS);
        checkPosition(offset);
        checkPart(offset);
    }

    private static void checkKeys(String what, Map<String, ?> map, Set<String> keys) {
        Set<String> unknown = new TreeSet<>(map.keySet());
        unknown.removeAll(keys);
        if (!unknown.isEmpty()) {
            throw new ConnectException("The " + what + " " + map + " has the unknown keys " + unknown + ": it has "
                    + new TreeSet<>(keys) + " only.");
        }
    }

    private static void checkPosition(Map<String, ?> offset) {
        if (!isWhole(offset.get(POSITION), -1, Long.MAX_VALUE)) {
            throw mistake(offset, POSITION, "it is the position of the last delivered message, or -1 if there is none");
        }
    }

    private static void checkPart(Map<String, ?> offset) {
        if (offset.get(PART) != null && !(offset.get(PART) instanceof String)) {
            throw mistake(
                    offset,
                    PART,
                    "it names the last route, in the order of names, whose record of the message is done, or is left out if all are");
        }
    }

    private static boolean isWhole(@Nullable Object value, long lowest, long highest) {
        return (value instanceof Long || value instanceof Integer)
                && ((Number) value).longValue() >= lowest
                && ((Number) value).longValue() <= highest;
    }

    private static ConnectException mistake(Map<String, ?> map, String key, String right) {
        String found = map.containsKey(key) ? key + " " + map.get(key) : "no " + key;
        return new ConnectException("There is " + found + " in " + map + ": " + right + ".");
    }
}
