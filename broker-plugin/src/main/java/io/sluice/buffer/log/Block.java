package io.sluice.buffer.log;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Intact records of one segment that follow each other, with the lane of each message: what one has checked others need
 * not check, and whoever drains few lanes passes over the rest without looking at it. Immutable.
 */
final class Block {

    private static final int BYTES_FOR_EACH = Integer.BYTES + Byte.BYTES;

    private final Segment segment;
    private final long from;
    private final long end;
    private final long offset;
    private final ByteBuffer records;
    private final int[] messages;
    private final byte[] lanes;
    private final long laneMask;

    private Block(
            Segment segment, long offset, long end, ByteBuffer records, int[] messages, byte[] lanes, long laneMask) {
        this.segment = segment;
        this.from = RecordLayout.position(records, 0);
        this.end = end;
        this.offset = offset;
        this.records = records;
        this.messages = messages;
        this.lanes = lanes;
        this.laneMask = laneMask;
    }

    /**
     * Copies records.
     *
     * @param offset where the first one begins in its segment's file
     * @param end the position after the last one
     */
    static Block copyOf(Segment segment, long offset, long end, ByteBuffer in, int at, int bytes) {
        ByteBuffer records = ByteBuffer.allocate(bytes).put(0, in, at, bytes);
        int[] messages = new int[64];
        byte[] lanes = new byte[messages.length];
        int count = 0;
        long laneMask = 0;
        for (int here = 0; here < bytes; here += RecordLayout.size(records, here)) {
            if (RecordLayout.isMessage(records, here)) {
                if (count == messages.length) {
                    messages = Arrays.copyOf(messages, 2 * count);
                    lanes = Arrays.copyOf(lanes, 2 * count);
                }
                int lane = RecordLayout.lane(records, here);
                messages[count] = here;
                lanes[count++] = (byte) lane;
                laneMask |= 1L << lane;
            }
        }
        return new Block(
                segment, offset, end, records, Arrays.copyOf(messages, count), Arrays.copyOf(lanes, count), laneMask);
    }

    /** Whether it holds a position of a segment. */
    boolean holds(Segment of, long position) {
        return segment == of && from <= position && position < end;
    }

    /** The position of its first record. */
    long from() {
        return from;
    }

    /** The position after its last record. */
    long end() {
        return end;
    }

    /** The lanes that it has messages of. */
    Lanes lanes() {
        return new Lanes(laneMask);
    }

    /** What it takes of the memory, in bytes. */
    long bytes() {
        return records.capacity() + (long) BYTES_FOR_EACH * messages.length;
    }

    /** How far somebody has come, and where that is in the segment's file. */
    record Progress(long position, long offset) {}

    /**
     * Gathers what is wanted from a position on.
     *
     * @param header to read with
     * @param maxBytes the most bytes to gather; if nothing is gathered yet, one record is, however large it is
     */
    Progress gather(long position, RecordFilter filter, RecordHeader header, int maxBytes, Gathered into) {
        for (int i = first(position); i < messages.length; i++) {
            if (filter.wantsLane(lanes[i])) {
                int at = messages[i];
                header.read(records, at);
                if (filter.wants(records, at, header)) {
                    if (!into.isEmpty() && header.size() > maxBytes - into.bytes()) {
                        return new Progress(header.position(), offset + at);
                    }
                    into.add(records, at, header.size());
                }
            }
        }
        return new Progress(end, offset + records.capacity());
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
