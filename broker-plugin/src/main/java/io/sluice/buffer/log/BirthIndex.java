package io.sluice.buffer.log;

import io.sluice.buffer.log.Birth.InFile;
import io.sluice.buffer.log.Birth.InMemory;
import io.sluice.buffer.log.Birth.InSegment;
import io.sluice.buffer.record.Lanes;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the births are: all that the log holds and, of each topic, the latest before it. When they become too many, the
 * oldest is forgotten of the lane whose births take most: a client that publishes births without end pushes out those of
 * its lane only. Thread-safe, and never waits for a disk.
 */
final class BirthIndex {

    /** What the births of one lane's clients take. */
    private static final class Share {

        /** What one takes, about, besides its topic. */
        private static final int BIRTH_BYTES = 300;

        private final NavigableMap<Long, Birth> births = new TreeMap<>();
        private long memory;

        /** Bytes of records whose segments are gone. */
        private long kept;

        void add(Birth birth) {
            births.put(birth.position(), birth);
            memory += weight(birth);
            kept += keptBytes(birth);
        }

        void remove(Birth birth) {
            if (births.remove(birth.position(), birth)) {
                memory -= weight(birth);
                kept -= keptBytes(birth);
            }
        }

        Birth oldest() {
            return births.firstEntry().getValue();
        }

        private static long weight(Birth birth) {
            return (long) BIRTH_BYTES + birth.topic().length();
        }

        private static long keptBytes(Birth birth) {
            if (birth.place() instanceof InFile inFile) {
                return inFile.bytes();
            }
            return birth.place() instanceof InMemory inMemory
                    ? inMemory.record().remaining()
                    : 0;
        }
    }

    private final NavigableMap<Long, Birth> byPosition = new TreeMap<>();
    private final Map<String, NavigableMap<Long, Birth>> byTopic = new HashMap<>();
    private final long mostMemory;
    private final long mostKept;
    private final List<Share> byLane =
            Stream.generate(Share::new).limit(Lanes.COUNT).toList();
    private long forgotten;

    /**
     * @param mostMemory bytes that this may take
     * @param mostKept bytes that records may have whose segments are gone
     */
    BirthIndex(long mostMemory, long mostKept) {
        this.mostMemory = mostMemory;
        this.mostKept = mostKept;
    }

    /** Adds one, or puts another in its place. */
    synchronized void put(Birth birth) {
        remove(byPosition.get(birth.position()));
        byPosition.put(birth.position(), birth);
        byTopic.computeIfAbsent(birth.topic(), topic -> new TreeMap<>()).put(birth.position(), birth);
        byLane.get(birth.lane()).add(birth);
        bound(share -> share.memory, mostMemory);
        bound(share -> share.kept, mostKept);
    }

    private void bound(ToLongFunction<Share> taken, long most) {
        while (byLane.stream().mapToLong(taken).sum() > most) {
            forget(Collections.max(byLane, Comparator.comparingLong(taken)).oldest());
        }
    }

    /** Puts one in the place of itself, unless it was forgotten meanwhile. */
    synchronized void move(Birth moved) {
        if (byPosition.containsKey(moved.position())) {
            put(moved);
        }
    }

    synchronized void forget(Birth birth) {
        // No name is better than one that an earlier birth gave.
        List.copyOf(byTopic.getOrDefault(birth.topic(), new TreeMap<>())
                        .headMap(birth.position(), true)
                        .values())
                .forEach(this::remove);
        forgotten++;
    }

    private void remove(@Nullable Birth birth) {
        if (birth == null || !byPosition.remove(birth.position(), birth)) {
            return;
        }
        byTopic.computeIfPresent(birth.topic(), (topic, same) -> {
            same.remove(birth.position());
            return same.isEmpty() ? null : same;
        });
        byLane.get(birth.lane()).remove(birth);
    }

    /** The latest of a topic before a position. */
    synchronized Optional<Birth> before(String topic, long position) {
        return Optional.ofNullable(byTopic.get(topic))
                .map(births -> births.lowerEntry(position))
                .map(Map.Entry::getValue);
    }

    /** Takes away what nobody can ask for who reads from a position on: of each topic only the latest before it counts. */
    synchronized void dropSuperseded(long start) {
        for (Birth birth : allBefore(start)) {
            if (isSuperseded(birth, start)) {
                remove(birth);
            }
        }
    }

    private boolean isSuperseded(Birth birth, long start) {
        NavigableMap<Long, Birth> same = byTopic.get(birth.topic());
        Long later = same == null ? null : same.higherKey(birth.position());
        return later != null && later <= start;
    }

    /** What whoever reads from a position on can ask for of what is before it. */
    synchronized List<Birth> latestBefore(long start) {
        return byPosition.headMap(start).values().stream()
                .filter(birth -> !isSuperseded(birth, start))
                .toList();
    }

    /** All before a position, the oldest first. */
    synchronized List<Birth> allBefore(long position) {
        return List.copyOf(byPosition.headMap(position).values());
    }

    /** Whether a segment has one of these positions. */
    synchronized boolean anyInSegments(long from, long to) {
        return from < to
                && byPosition.subMap(from, to).values().stream().anyMatch(birth -> birth.place() instanceof InSegment);
    }

    synchronized boolean anyInMemory() {
        return byPosition.values().stream().anyMatch(birth -> birth.place() instanceof InMemory);
    }

    synchronized int size() {
        return byPosition.size();
    }

    synchronized long forgotten() {
        return forgotten;
    }
}
