package io.sluice.buffer;

import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.zip.CRC32C;

/** The records that become safe together, and those who wait for it. Not thread-safe. */
final class Group {

    /** What an append waits for. */
    enum Until {
        /** Its last position is safe. */
        FORCED,
        /** A consumer is attached besides, where the buffer insists on one. */
        ATTACHED,
        /** Kafka has acknowledged it besides. */
        DELIVERED
    }

    /** One append that waits; its last position says when it is its turn. */
    record Waiting(long last, AppendListener listener, Until until) {}

    private static final int MAX_BYTES = 8 << 20;
    private static final int INITIAL_BYTES = 128 << 10;

    private final CRC32C crc = new CRC32C();
    private final Queue<Waiting> waiting = new ArrayDeque<>();
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

    /** Adds a {@link RecordLayout#RELEASE}. */
    void addRelease(long position, String clientId, int packetId) {
        addControl(RecordLayout.RELEASE, position, clientId, packetId);
    }

    /** Adds a {@link RecordLayout#SESSION_END}. */
    void addSessionEnd(long position, String clientId) {
        addControl(RecordLayout.SESSION_END, position, clientId, 0);
    }

    private void addControl(int kind, long position, String clientId, int packetId) {
        int sizeLimit = RecordLayout.controlSizeLimit(clientId);
        if (records.remaining() < sizeLimit) {
            growTo(records.position() + sizeLimit);
        }
        RecordLayout.encodeControl(records, kind, position, System.currentTimeMillis(), clientId, packetId, crc);
        end = position + 1;
    }

    /** Grows by a share of what is there, however much it is, so that all the copies together cost a fixed multiple. */
    private void growTo(int needed) {
        int doubled = Math.min(2 * records.capacity(), MAX_BYTES);
        int capacity = (int) Math.max(doubled, Math.min(needed + needed / 8L, Integer.MAX_VALUE));
        records = ByteBuffer.allocateDirect(capacity).put(records.flip());
    }

    /** Adds one who waits for all that was added so far. */
    void addWaiting(AppendListener listener, Until until) {
        if (listener != AppendListener.NONE) {
            waiting.add(new Waiting(end - 1, listener, until));
        }
    }

    /** Adds one who waits for what is in the log already. */
    void addWaiting(Waiting one) {
        waiting.add(one);
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
    Queue<Waiting> waiting() {
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
