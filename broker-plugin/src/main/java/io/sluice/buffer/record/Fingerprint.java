package io.sluice.buffer.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Tells a PUBLISH that is sent again from a new message under the same packet identifier: 64 bits, of which the upper
 * half is the CRC-32C of topic and payload, and the lower half the payload's size in bytes.
 *
 * <p>Messages of equal size that differ in up to 32 consecutive bits never have the same fingerprint, so that a counter
 * or a reading that changes always tells them apart; any others have it once in four billion times.
 */
public final class Fingerprint {

    private Fingerprint() {}

    /** The fingerprint of a message; leaves the payload's position as it is. */
    public static long of(String topic, ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(topic.getBytes(StandardCharsets.UTF_8));
        crc.update(payload.duplicate());
        return combine(crc, payload.remaining());
    }

    /** The fingerprint of the message in a record, calculated with {@code crc}. */
    public static long of(ByteBuffer in, int at, CRC32C crc) {
        int payloadBytes = RecordLayout.payloadBytes(in, at);
        crc.reset();
        crc.update(in.slice(RecordLayout.topicAt(in, at), RecordLayout.topicBytes(in, at)));
        crc.update(in.slice(at + RecordLayout.size(in, at) - payloadBytes, payloadBytes));
        return combine(crc, payloadBytes);
    }

    private static long combine(CRC32C crc, int payloadBytes) {
        return crc.getValue() << Integer.SIZE | payloadBytes;
    }
}
