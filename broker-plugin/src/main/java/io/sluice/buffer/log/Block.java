package io.sluice.buffer.log;

import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.RecordFilter;
import io.sluice.buffer.record.RecordHeader;
import io.sluice.buffer.record.RecordLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Intact records of one segment that follow each other, with the lanes of the messages: what one has checked others need not
 * check, and whoever drains few lanes does not come upon the rest. Immutable.
 */
final class Block {

    private final Segment segment;
    private final long from;
    private final long end;
    private final long offset;
    private final ByteBuffer records;

    /** Where the messages are in {@link #records}. */
    private final int[] messages;

    /** How many words it takes to have a bit for each message. */
    private final int words;

    /** By lane, a bit for each message that is in it. */
    private final long[] inLane;

    private final Lanes lanes;

    /**
     * @param offset where the first one begins in its segment's file
     * @param end the position after the last one
     */
    Block(Segment segment, long offset, long end, ByteBuffer in, int at, int bytes) {
        this.segment = segment;
        this.offset = offset;
        this.end = end;
        this.records = ByteBuffer.allocate(bytes).put(0, in, at, bytes);
        this.from = RecordLayout.position(records, 0);
        int[] found = new int[64];
        int count = 0;
        for (int here = 0; here < bytes; here += RecordLayout.size(records, here)) {
            if (RecordLayout.isMessage(records, here)) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = here;
            }
        }
        this.messages = Arrays.copyOf(found, count);
        this.words = (count + Long.SIZE - 1) / Long.SIZE;
        this.inLane = new long[Lanes.COUNT * words];
        Lanes all = Lanes.NONE;
        for (int i = 0; i < count; i++) {
            int lane = RecordLayout.lane(records, messages[i]);
            inLane[lane * words + i / Long.SIZE] |= 1L << i;
            all = all.with(lane);
        }
        this.lanes = all;
    }

    boolean holds(Segment of, long position) {
        return segment == of && from <= position && position < end;
    }

    long from() {
        return from;
    }

    long end() {
        return end;
    }

    Lanes lanes() {
        return lanes;
    }

    /** What it takes of the memory, in bytes. */
    long bytes() {
        return records.capacity() + (long) Integer.BYTES * messages.length + (long) Long.BYTES * inLane.length;
    }

    /**
     * Gathers what is wanted from a position on.
     *
     * @param maxBytes the most bytes to gather; if nothing is gathered yet, one record is, however large it is
     * @return how far it has come
     */
    Segment.Place gather(long position, RecordFilter filter, RecordHeader header, int maxBytes, Gathered into) {
        int first = first(position);
        for (int word = first / Long.SIZE; word < words; word++) {
            long wanted = inLanes(filter.lanes().and(lanes), word);
            if (word == first / Long.SIZE) {
                wanted &= -1L << first;
            }
            for (; wanted != 0; wanted &= wanted - 1) {
                int at = messages[word * Long.SIZE + Long.numberOfTrailingZeros(wanted)];
                header.read(records, at);
                if (filter.wants(records, at, header)) {
                    if (!into.isEmpty() && header.size() > maxBytes - into.bytes()) {
                        return new Segment.Place(header.position(), offset + at);
                    }
                    into.add(records, at, header.size());
                }
            }
        }
        return new Segment.Place(end, offset + records.capacity());
    }

    /** A bit for each of the messages of a word that is in one of the lanes. */
    private long inLanes(Lanes wanted, int word) {
        long messagesInLanes = 0;
        for (long rest = wanted.mask(); rest != 0; rest &= rest - 1) {
            messagesInLanes |= inLane[Long.numberOfTrailingZeros(rest) * words + word];
        }
        return messagesInLanes;
    }

    /** The first message that is not before a position. */
    private int first(long position) {
        int low = 0;
        int high = position == from ? 0 : messages.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (RecordLayout.position(records, messages[middle]) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
