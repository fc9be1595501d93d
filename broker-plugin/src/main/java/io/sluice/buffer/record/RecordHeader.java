package io.sluice.buffer.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The header of one record after the other, as {@link RecordLayout} lays it out: readers pass over millions of them, so
 * that it is read eight bytes at a time. Not thread-safe.
 */
public final class RecordHeader {

    private int checksum;
    private int size;
    private long position;
    private int kind;
    private int lane;
    private int topicOffset;
    private int topicBytes;
    private int propertiesBytes;

    /** Reads the header that begins at an index, {@link RecordLayout#HEADER_BYTES} of it. */
    public void read(ByteBuffer in, int at) {
        long first = in.getLong(at);
        checksum = (int) (first >>> 32);
        size = (int) first;
        position = in.getLong(at + 8);
        long third = in.getLong(at + 24);
        kind = (byte) (third >>> 56);
        lane = (int) (third >>> 40) & (Lanes.COUNT - 1);
        long fourth = in.getLong(at + 32);
        topicOffset = RecordLayout.HEADER_BYTES + ((int) third & 0xFFFF) + (int) (fourth >>> 48);
        topicBytes = (int) (fourth >>> 32) & 0xFFFF;
        propertiesBytes = (int) fourth;
    }

    /** Whether the lengths fit each other and the bytes that are left. */
    public boolean isPlausible(long available) {
        return size >= RecordLayout.HEADER_BYTES
                && size <= available
                && propertiesBytes >= 0
                && (long) topicOffset + topicBytes + propertiesBytes <= size;
    }

    /** Whether the complete record, whose lengths are plausible, is as it was written. */
    public boolean isIntact(ByteBuffer in, int at, int salt, CRC32C crc) {
        return checksum == RecordLayout.checksum(in, at, size, salt, crc);
    }

    /** The checksum that the record says it has. */
    public int checksum() {
        return checksum;
    }

    /** The size of the record in bytes. */
    public int size() {
        return size;
    }

    public long position() {
        return position;
    }

    /** The position that the record behind this one has, in the same segment. */
    public long positionAfter() {
        return position + (RecordLayout.sharesPosition(kind) ? 0 : 1);
    }

    int lane() {
        return lane;
    }

    boolean isMessage() {
        return kind < RecordLayout.FIRST_CONTROL_KIND;
    }

    int topicOffset() {
        return topicOffset;
    }

    int topicBytes() {
        return topicBytes;
    }
}
