package io.sluice.buffer;

import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** The records that become safe together, and those who wait for it. Not thread-safe. */
final class Group {

    /**
     * One append that waits until its last position is safe.
     *
     * @param forDelivery whether it also waits until Kafka has acknowledged it
     */
    record Waiting(long last, AppendListener listener, boolean forDelivery) {}

    private static final int MAX_BYTES = 8 << 20;
    private static final int INITIAL_BYTES = 128 << 10;

    private final CRC32C crc = new CRC32C();
    private final List<Waiting> waiting = new ArrayList<>();
    private ByteBuffer records = ByteBuffer.allocateDirect(INITIAL_BYTES);
    private long end;

    /** Whether records of this many bytes more may join. A record of any size fits into an empty group. */
    boolean hasRoomFor(long more) {
        return records.position() == 0 || records.position() + more <= MAX_BYTES;
    }

    /**
     * Adds a message.
     *
     * @param sizeLimit what its record's size does not exceed
     */
    void add(long position, Message message, int sizeLimit) {
        if (records.remaining() < sizeLimit) {
            growTo(records.position() + sizeLimit);
        }
        RecordLayout.encode(records, position, message, crc);
        end = position + 1;
    }

    private void growTo(int needed) {
        int capacity = Math.max(needed, Math.min(2 * records.capacity(), MAX_BYTES));
        records = ByteBuffer.allocateDirect(capacity).put(records.flip());
    }

    void addWaiting(AppendListener listener, boolean forDelivery) {
        if (listener != AppendListener.NONE) {
            waiting.add(new Waiting(end - 1, listener, forDelivery));
        }
    }

    boolean isEmpty() {
        return records.position() == 0;
    }

    /** The position after the last record. */
    long end() {
        return end;
    }

    int bytes() {
        return records.position();
    }

    ByteBuffer records() {
        return records;
    }

    /** Who waits, by rising position. */
    List<Waiting> waiting() {
        return waiting;
    }

    /** Makes the group ready for new records. */
    void clear() {
        records.clear();
        if (records.capacity() > MAX_BYTES) {
            records = ByteBuffer.allocateDirect(INITIAL_BYTES);
        }
        waiting.clear();
    }
}
