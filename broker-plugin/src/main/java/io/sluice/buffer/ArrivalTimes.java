package io.sluice.buffer;

import io.sluice.buffer.log.Segment;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Remembers where the log ended at some moments, fewer of long ago, so that nobody has to read a message to tell how long it
 * has waited. Thread-safe.
 */
final class ArrivalTimes {

    private static final int MOST = 1_024;

    /** One part of so many. */
    private static final int NOTICED = 50;

    private final InstantSource clock;

    /** Everything before a position had arrived by a time, in milliseconds since the epoch. */
    private final TreeMap<Long, Long> arrivedBy = new TreeMap<>();

    private Optional<Instant> newestAt = Optional.empty();

    /**
     * Begins with what an earlier process left: of its messages it is known when their segments were sealed.
     *
     * @param end of the log
     */
    ArrivalTimes(Collection<Segment> segments, long end, InstantSource clock) {
        this.clock = clock;
        segments.stream().filter(Segment::isSealed).forEach(segment -> mark(segment.end(), segment.sealedAtMs()));
        mark(end, clock.millis());
    }

    /** Notes the present end of the log; to be called about once a second. */
    synchronized void note(long end) {
        if (arrivedBy.lastKey() < end) {
            Instant now = clock.instant();
            newestAt = Optional.of(now);
            mark(end, now.toEpochMilli());
        }
    }

    private void mark(long end, long atMs) {
        if (arrivedBy.size() == MOST) {
            thin(atMs);
        }
        arrivedBy.putIfAbsent(end, atMs);
    }

    /** Keeps a time only if it is before the next one by a part of its age that somebody would notice. */
    private void thin(long nowMs) {
        Iterator<Long> times = arrivedBy.descendingMap().values().iterator();
        long next = times.next();
        while (times.hasNext()) {
            long time = times.next();
            if ((next - time) * NOTICED >= nowMs - next) {
                next = time;
            } else {
                times.remove();
            }
        }
        while (arrivedBy.size() > MOST / 2) {
            arrivedBy.pollFirstEntry();
        }
    }

    /** When something arrived last, as {@link #note} saw it; empty: nothing has. */
    synchronized Optional<Instant> newestAt() {
        return newestAt;
    }

    /** How long a position has waited, at least, in milliseconds. */
    synchronized long ageMs(long position) {
        Map.Entry<Long, Long> arrived = arrivedBy.higherEntry(position);
        return arrived == null ? 0 : Math.max(0, clock.millis() - arrived.getValue());
    }
}
