package io.sluice.buffer;

import io.sluice.buffer.log.Segment;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * About when messages arrived, so that nobody has to read one to tell how long it has waited: the end of the log at some
 * moments. Of long ago there are fewer. Thread-safe.
 */
final class ArrivalTimes {

    private static final int MOST = 1_024;

    /** One part of so many. */
    private static final int NOTICED = 50;

    /** Everything before a position had arrived by then. */
    private record Mark(long end, long atMs) {}

    private final InstantSource clock;
    private final List<Mark> marks = new ArrayList<>();
    private Optional<Instant> newestAt = Optional.empty();

    /**
     * Begins with what an earlier process left: of its messages it is known when their segments were sealed.
     *
     * @param end of the log
     */
    ArrivalTimes(Collection<Segment> segments, long end, InstantSource clock) {
        this.clock = clock;
        segments.stream()
                .filter(Segment::isSealed)
                .sorted(Comparator.comparingLong(Segment::end))
                .forEach(segment -> mark(segment.end(), segment.sealedAtMs()));
        mark(end, clock.millis());
    }

    /** Notes the present end of the log; to be called about once a second. */
    synchronized void note(long end) {
        if (marks.get(marks.size() - 1).end() < end) {
            Instant now = clock.instant();
            newestAt = Optional.of(now);
            mark(end, now.toEpochMilli());
        }
    }

    private void mark(long end, long atMs) {
        if (marks.size() == MOST) {
            thin(atMs);
        }
        marks.add(new Mark(end, atMs));
    }

    /** Keeps a mark only if it is older than the one after it by a part of its age that somebody would notice. */
    private void thin(long nowMs) {
        List<Mark> kept = new ArrayList<>(MOST);
        for (int i = marks.size() - 1; i >= 0; i--) {
            Mark mark = marks.get(i);
            Mark after = kept.isEmpty() ? mark : kept.get(kept.size() - 1);
            if (kept.isEmpty() || (after.atMs() - mark.atMs()) * NOTICED >= nowMs - after.atMs()) {
                kept.add(mark);
            }
        }
        Collections.reverse(kept);
        marks.clear();
        marks.addAll(kept.size() < MOST ? kept : kept.subList(MOST / 2, MOST));
    }

    /** When something arrived last, as {@link #note} saw it; empty: nothing has. */
    synchronized Optional<Instant> newestAt() {
        return newestAt;
    }

    /** How long a position has waited, at least, in milliseconds. */
    synchronized long ageMs(long position) {
        int low = 0;
        int high = marks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (marks.get(middle).end() > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == marks.size()
                ? 0
                : Math.max(0, clock.millis() - marks.get(low).atMs());
    }
}
