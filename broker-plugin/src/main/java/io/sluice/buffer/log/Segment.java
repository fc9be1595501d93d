package io.sluice.buffer.log;

import java.util.Arrays;

/**
 * One file of the log, named by its base position: a {@link SegmentHeader header}, the {@link Ledger} as it was
 * before, then records by rising position without gaps. The last segment is open: it grows. A segment before it is sealed: it never changes again.
 *
 * <p>Its index is sparse and in memory only: whoever passes a record, writer or reader, may {@link #note} where it
 * lies. A reader that starts anywhere passes at most one segment that nobody has passed before. Thread-safe.
 */
public final class Segment {

    private static final long INDEX_INTERVAL_BYTES = 4 << 20;

    private final SegmentHeader header;

    /** Positions and their offsets, by turns, both rising. Small: a terabyte has 16,000 segments. */
    private volatile long[] index;

    private volatile Extent extent;
    private volatile long end = Long.MAX_VALUE;
    private volatile long sealedAtMs = Long.MAX_VALUE;
    private volatile boolean dropped;

    /**
     * How far readers may go; all of it is safe.
     *
     * @param bytes how much of the file
     * @param end the position after the last one
     */
    public record Extent(long bytes, long end) {}

    record Place(long position, long offset) {}

    /** @param bytes how much of its file readers may see, before {@link #grow} says more */
    Segment(SegmentHeader header, long bytes) {
        this.header = header;
        this.extent = new Extent(bytes, header.base());
        this.index = new long[] {header.base(), SegmentHeader.BYTES};
    }

    public String name() {
        return SegmentName.of(base());
    }

    SegmentHeader header() {
        return header;
    }

    public long base() {
        return header.base();
    }

    Extent extent() {
        return extent;
    }

    void grow(Extent grown) {
        extent = grown;
    }

    /** Size in bytes, as far as readers may see. */
    public long bytes() {
        return extent.bytes();
    }

    /** Whether an open segment has records besides the {@link Ledger} that it begins with. */
    public boolean hasRecords() {
        return extent.end() > base();
    }

    /** The position after the last one that counts; {@link Long#MAX_VALUE} while the segment is open. */
    public long end() {
        return end;
    }

    public boolean isSealed() {
        return end != Long.MAX_VALUE;
    }

    /** When it was sealed, milliseconds since the epoch; {@link Long#MAX_VALUE} while it is open. */
    public long sealedAtMs() {
        return sealedAtMs;
    }

    /** Ends the segment where its successor says that it ends. */
    void seal(SegmentHeader successor) {
        sealedAtMs = successor.createdAtMs();
        end = successor.previousEnd();
    }

    boolean isDropped() {
        return dropped;
    }

    void drop() {
        dropped = true;
    }

    /** Remembers where a record lies, if none of the last that are remembered is nearby. */
    void note(long position, long offset) {
        long[] known = index;
        if (offset - known[known.length - 1] >= INDEX_INTERVAL_BYTES) {
            remember(position, offset);
        }
    }

    private synchronized void remember(long position, long offset) {
        long[] known = index;
        if (offset - known[known.length - 1] >= INDEX_INTERVAL_BYTES) {
            long[] more = Arrays.copyOf(known, known.length + 2);
            more[known.length] = position;
            more[known.length + 1] = offset;
            index = more;
        }
    }

    /** The nearest known record at or before a position. */
    Place nearest(long position) {
        long[] known = index;
        int at = known.length - 2;
        while (at > 0 && known[at] > position) {
            at -= 2;
        }
        return new Place(known[at], known[at + 1]);
    }

    /** About how many bytes its records take from a position on: between two that are known they are taken to be alike. */
    long bytesFrom(long position) {
        Extent now = extent;
        Place known = nearest(Math.max(position, base()));
        long positions = now.end() - known.position();
        long asked = Math.min(positions, now.end() - position);
        return asked <= 0 ? 0 : (long) ((double) (now.bytes() - known.offset()) * asked / positions);
    }

    @Override
    public String toString() {
        return name();
    }
}
