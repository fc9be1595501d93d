package io.sluice.buffer.log;

import io.sluice.buffer.record.Fingerprint;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.StoredText;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The packet identifiers of captured QoS 2 publishes that were not released, client by client, as the log says up to
 * some position ([MQTT-4.3.3-2]).
 *
 * <p>It is what one gets by reading the log: a QoS 2 publish takes its identifier, with a {@link Fingerprint} by which
 * it is known again; a {@link RecordLayout#RELEASE} frees it; a {@link RecordLayout#SESSION_END} frees all of its
 * client. Each segment begins with the ledger up to there ({@link RecordLayout#LEDGER}), so that the last segment is
 * enough to know it, and earlier ones can be dropped. Not thread-safe.
 */
public final class Ledger {

    private final Map<String, Map<Integer, Long>> byClient = new HashMap<>();
    private final CRC32C crc = new CRC32C();

    /** Whether a record says something of packet identifiers. */
    static boolean concerns(ByteBuffer in, int at) {
        return !RecordLayout.isMessage(in, at) || RecordLayout.takesPacketId(in, at);
    }

    /** Follows an intact record, of any kind. */
    public void apply(ByteBuffer in, int at) {
        switch (RecordLayout.code(in, at)) {
            case RecordLayout.RELEASE -> release(client(in, at), RecordLayout.packetId(in, at));
            case RecordLayout.SESSION_END -> byClient.remove(client(in, at));
            case RecordLayout.LEDGER -> RecordLayout.decodeLedger(in, at, idsOf(client(in, at)));
            default -> {
                if (RecordLayout.takesPacketId(in, at)) {
                    idsOf(client(in, at)).put(RecordLayout.packetId(in, at), Fingerprint.of(in, at, crc));
                }
            }
        }
    }

    /**
     * Follows a record that was not made safe. Only the end of a session counts nevertheless: nobody waits for it, nobody
     * could repeat it, and the next segment, which begins without that client, will make it safe.
     */
    void applyFailed(ByteBuffer in, int at) {
        if (RecordLayout.code(in, at) == RecordLayout.SESSION_END) {
            apply(in, at);
        }
    }

    private static String client(ByteBuffer in, int at) {
        return StoredText.of(in, RecordLayout.clientAt(at), RecordLayout.clientBytes(in, at));
    }

    private Map<Integer, Long> idsOf(String client) {
        return byClient.computeIfAbsent(client, unknown -> new HashMap<>());
    }

    private void release(String client, int packetId) {
        byClient.computeIfPresent(client, (known, ids) -> {
            ids.remove(packetId);
            return ids.isEmpty() ? null : ids;
        });
    }

    boolean isEmpty() {
        return byClient.isEmpty();
    }

    /** Fingerprints by packet identifier, by client. A copy. */
    public Map<String, Map<Integer, Long>> copy() {
        Map<String, Map<Integer, Long>> copy = new TreeMap<>();
        byClient.forEach((client, ids) -> copy.put(client, Map.copyOf(ids)));
        return copy;
    }

    /** The records that a segment begins with, sealed; ready to be written. */
    ByteBuffer encode(SegmentHeader header) {
        long bytes = byClient.entrySet().stream()
                .mapToLong(entry -> RecordLayout.controlSizeLimit(entry.getKey(), entry.getValue()))
                .sum();
        ByteBuffer out = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
        byClient.forEach((client, ids) -> {
            int at = out.position();
            RecordLayout.encodeControl(
                    out, RecordLayout.LEDGER, header.base(), header.createdAtMs(), client, 0, ids, crc);
            RecordLayout.seal(out, at, header.salt(), crc);
        });
        return out.flip();
    }
}
