package io.sluice.buffer.record;

import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32C;

/** Records that gather to become safe together. Not thread-safe. */
public final class Records {

    private static final int MAX_BYTES = 8 << 20;
    private static final int INITIAL_BYTES = 128 << 10;

    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(INITIAL_BYTES);
    private long end;

    /**
     * Refuses a message that has no place in a record: the limits are MQTT's own (section 1.5.4), so that none from the
     * network meets them.
     *
     * @throws BufferException if it has none
     */
    public static void requireStorable(Message message) {
        StoredText.requireStorable("client id", message.clientId());
        message.username().ifPresent(username -> StoredText.requireStorable("user name", username));
        message.certificateName().ifPresent(name -> StoredText.requireStorable("common name of a certificate", name));
        StoredText.requireStorable("topic", message.topic());
        PropertiesLayout.requireStorable(message.properties());
    }

    /** A size in bytes that a message's record does not exceed. */
    public static long sizeLimit(Message message) {
        long characters = (long) message.clientId().length()
                + (message.username().isPresent() ? message.username().get().length() : 0)
                + message.topic().length();
        return RecordLayout.HEADER_BYTES
                + StoredText.MAX_UTF8_PER_CHAR * characters
                + PropertiesLayout.sizeLimit(message.certificateName())
                + PropertiesLayout.sizeLimit(message.properties())
                + message.payload().remaining();
    }

    /** Whether records of this many bytes more may join. A record of any size fits where there is none. */
    public boolean hasRoomFor(long more) {
        return isEmpty() || buffer.position() + more <= MAX_BYTES;
    }

    /**
     * Adds a message.
     *
     * @param sizeLimit what its record's size does not exceed
     */
    public void add(long position, Message message, int sizeLimit) {
        reserve(sizeLimit);
        RecordLayout.encode(buffer, position, message, crc);
        end = position + 1;
    }

    public void addRelease(long position, String clientId, int packetId) {
        addControl(RecordLayout.RELEASE, position, clientId, packetId);
    }

    public void addSessionEnd(long position, String clientId) {
        addControl(RecordLayout.SESSION_END, position, clientId, 0);
    }

    private void addControl(int kind, long position, String clientId, int packetId) {
        reserve(RecordLayout.controlSizeLimit(clientId, Map.of()));
        RecordLayout.encodeControl(
                buffer, kind, position, System.currentTimeMillis(), clientId, packetId, Map.of(), crc);
        end = position + 1;
    }

    /** Grows by a share of what is there, however much it is, so that all the copies together cost a fixed multiple. */
    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            long needed = (long) buffer.position() + bytes;
            int doubled = Math.min(2 * buffer.capacity(), MAX_BYTES);
            int capacity = (int) Math.max(doubled, Math.min(needed + needed / 8, Integer.MAX_VALUE));
            buffer = ByteBuffer.allocateDirect(capacity).put(buffer.flip());
        }
    }

    /**
     * Takes back what was added last, also a record that was begun.
     *
     * @param from index of the first one
     * @param position of the first one
     */
    public void cutOff(int from, long position) {
        buffer.limit(buffer.capacity()).position(from);
        end = position;
    }

    public boolean isEmpty() {
        return buffer.position() == 0;
    }

    public int bytes() {
        return buffer.position();
    }

    public long end() {
        return end;
    }

    /** The position of the record that begins at an index, or the one after the last record. */
    public long positionAt(int at) {
        return at < buffer.position() ? RecordLayout.position(buffer, at) : end;
    }

    public long messagesFrom(int from) {
        long messages = 0;
        for (int at = from; at < buffer.position(); at += RecordLayout.size(buffer, at)) {
            messages += RecordLayout.isMessage(buffer, at) ? 1 : 0;
        }
        return messages;
    }

    /** The records themselves, from index 0 to its position: until the next one is added. */
    public ByteBuffer buffer() {
        return buffer;
    }

    public void clear() {
        buffer.clear();
        if (buffer.capacity() > MAX_BYTES) {
            buffer = ByteBuffer.allocateDirect(INITIAL_BYTES);
        }
    }
}
