package io.sluice.buffer.record;

import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Writes and reads records where they lie in a segment. "Byte format" in {@code assembly/docs/design.md} shows each byte.
 *
 * <p>The checksum is the CRC-32C of everything behind it, combined with the {@link #salt} of its segment: a record that
 * a device published as payload, or that lies in a block the file system took from elsewhere, is none. Kinds from
 * {@link #FIRST_CONTROL_KIND} on are the log's own bookkeeping; readers pass over them.
 *
 * <p>Methods take the index at which a record begins, whole and intact, and leave position and limit of the buffer as they
 * are, except for those that append.
 */
public final class RecordLayout {

    private static final int CHECKSUM = 0;
    private static final int SIZE = CHECKSUM + Integer.BYTES;
    private static final int POSITION = SIZE + Integer.BYTES;
    private static final int RECEIVED_AT = POSITION + Long.BYTES;
    private static final int KIND = RECEIVED_AT + Long.BYTES;
    private static final int FLAGS = KIND + Byte.BYTES;
    private static final int LANE = FLAGS + Byte.BYTES;
    private static final int PACKET_ID = LANE + 2 * Byte.BYTES;
    private static final int CLIENT_BYTES = PACKET_ID + Short.BYTES;
    private static final int USER_BYTES = CLIENT_BYTES + Short.BYTES;
    private static final int TOPIC_BYTES = USER_BYTES + Short.BYTES;
    private static final int PROPERTIES_BYTES = TOPIC_BYTES + Short.BYTES;

    /** Size of the part that every record has, in bytes; no record is smaller. */
    public static final int HEADER_BYTES = PROPERTIES_BYTES + Integer.BYTES;

    /** Kinds below are messages. */
    static final int FIRST_CONTROL_KIND = 64;

    /** The release of a packet id (PUBREL, [MQTT-4.3.3-11]): client id and packet id. */
    public static final int RELEASE = 64;

    /** The end of a client's session: client id. */
    public static final int SESSION_END = 65;

    /** Packet ids that are accepted and not released, repeated at the start of a segment. */
    public static final int LEDGER = 66;

    /** The beginning of records that become safe together. */
    public static final int GROUP = 67;

    private static final int FLAG_QOS = 0b11;
    private static final int FLAG_RETAINED = 1 << 2;
    private static final int FLAG_DUPLICATE = 1 << 3;
    private static final int FLAG_USERNAME = 1 << 4;

    /** A message that a client published. */
    public static final int PUBLISH = 1;

    /** By their codes, from {@link #PUBLISH} on. */
    private static final List<MessageKind> KINDS = List.of(
            MessageKind.PUBLISH,
            MessageKind.WILL,
            MessageKind.CONNECTED,
            MessageKind.DISCONNECTED,
            MessageKind.CONNECTION_LOST);

    private static final int LEDGER_ENTRY_BYTES = Short.BYTES + Long.BYTES;

    private RecordLayout() {}

    /**
     * Appends a message's record to a buffer with room for it; {@link #seal} completes it.
     *
     * @param crc to calculate with, used again and again
     */
    public static void encode(ByteBuffer out, long position, Message message, CRC32C crc) {
        int at = out.position();
        byte[] client = message.clientId().getBytes(StandardCharsets.UTF_8);
        byte[] topic = message.topic().getBytes(StandardCharsets.UTF_8);
        out.position(at + HEADER_BYTES).put(client);
        int flags = message.qos().level();
        int userBytes = 0;
        if (message.username().isPresent()) {
            byte[] user = message.username().get().getBytes(StandardCharsets.UTF_8);
            out.put(user);
            userBytes = user.length;
            flags |= FLAG_USERNAME;
        }
        out.put(topic);
        int beforeProperties = out.position();
        if (message.certificateName().isPresent()) {
            PropertiesLayout.encodeCertificateName(
                    out, message.certificateName().get());
        }
        PropertiesLayout.encode(out, message.properties());
        int propertiesBytes = out.position() - beforeProperties;
        out.put(message.payload().duplicate());

        flags |= message.retained() ? FLAG_RETAINED : 0;
        flags |= message.duplicate() ? FLAG_DUPLICATE : 0;
        putHeader(out, at, codeOf(message.kind()), position, message.receivedAtMs(), client, message.packetId(), crc)
                .put(at + FLAGS, (byte) flags)
                .putShort(at + USER_BYTES, (short) userBytes)
                .putShort(at + TOPIC_BYTES, (short) topic.length)
                .putInt(at + PROPERTIES_BYTES, propertiesBytes);
    }

    /** A size in bytes that a control record of a client does not exceed. */
    public static int controlSizeLimit(String clientId, Map<Integer, Long> fingerprints) {
        return HEADER_BYTES
                + StoredText.MAX_UTF8_PER_CHAR * clientId.length()
                + LEDGER_ENTRY_BYTES * fingerprints.size();
    }

    /**
     * Appends a control record; {@link #seal} completes it.
     *
     * @param fingerprints by packet id, what a {@link #LEDGER} holds
     */
    public static void encodeControl(
            ByteBuffer out,
            int kind,
            long position,
            long nowMs,
            String clientId,
            int packetId,
            Map<Integer, Long> fingerprints,
            CRC32C crc) {
        int at = out.position();
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        out.position(at + HEADER_BYTES).put(client);
        fingerprints.forEach((id, fingerprint) -> out.putShort(id.shortValue()).putLong(fingerprint));
        putHeader(out, at, kind, position, nowMs, client, packetId, crc);
    }

    private static ByteBuffer putHeader(
            ByteBuffer out, int at, int kind, long position, long nowMs, byte[] client, int packetId, CRC32C crc) {
        return out.putInt(at + SIZE, out.position() - at)
                .putLong(at + POSITION, position)
                .putLong(at + RECEIVED_AT, nowMs)
                .put(at + KIND, (byte) kind)
                .put(at + FLAGS, (byte) 0)
                .put(at + LANE, (byte) Lanes.of(client, crc))
                .put(at + LANE + 1, (byte) 0)
                .putShort(at + PACKET_ID, (short) packetId)
                .putShort(at + CLIENT_BYTES, (short) client.length)
                .putShort(at + USER_BYTES, (short) 0)
                .putShort(at + TOPIC_BYTES, (short) 0)
                .putInt(at + PROPERTIES_BYTES, 0);
    }

    /** Adds the fingerprints by packet id that a {@link #LEDGER} holds. */
    public static void decodeLedger(ByteBuffer in, int at, Map<Integer, Long> fingerprints) {
        int end = at + size(in, at);
        for (int entry = end - payloadBytes(in, at); entry <= end - LEDGER_ENTRY_BYTES; entry += LEDGER_ENTRY_BYTES) {
            fingerprints.put(Short.toUnsignedInt(in.getShort(entry)), in.getLong(entry + Short.BYTES));
        }
    }

    /** Completes a record with its checksum; returns its size. */
    public static int seal(ByteBuffer in, int at, int salt, CRC32C crc) {
        int size = size(in, at);
        in.putInt(at + CHECKSUM, checksum(in, at, size, salt, crc));
        return size;
    }

    static int checksum(ByteBuffer in, int at, int size, int salt, CRC32C crc) {
        int position = in.position();
        int limit = in.limit();
        crc.reset();
        crc.update(in.limit(at + size).position(at + SIZE));
        in.limit(limit).position(position);
        return (int) crc.getValue() ^ salt;
    }

    /** What the checksums of a segment are combined with. */
    public static int salt(UUID bufferId, long base) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(bufferId.getMostSignificantBits())
                .putLong(bufferId.getLeastSignificantBits())
                .putLong(base)
                .flip());
        return (int) crc.getValue();
    }

    /** The size of a record in bytes, as its header says. */
    public static int size(ByteBuffer in, int at) {
        return in.getInt(at + SIZE);
    }

    /** The position of a record; also where it {@linkplain #sharesPosition shares} that with the one behind it. */
    public static long position(ByteBuffer in, int at) {
        return in.getLong(at + POSITION);
    }

    /** The position that the record behind this one has, in the same segment. */
    public static long positionAfter(ByteBuffer in, int at) {
        return position(in, at) + (sharesPosition(in.get(at + KIND)) ? 0 : 1);
    }

    /** Whether a record of this kind has the position of the one behind it. */
    static boolean sharesPosition(int kind) {
        return kind >= LEDGER;
    }

    /** The lane of a record's client, 0 to 63. */
    public static int lane(ByteBuffer in, int at) {
        return in.get(at + LANE) & (Lanes.COUNT - 1);
    }

    /** Whether a record is a message, and not the log's own bookkeeping. */
    public static boolean isMessage(ByteBuffer in, int at) {
        return in.get(at + KIND) < FIRST_CONTROL_KIND;
    }

    public static int code(ByteBuffer in, int at) {
        return in.get(at + KIND);
    }

    /**
     * Whether a message is a QoS 2 publish, whose packet id stays in use until it is released. Where a stock Moquette hands
     * messages on, they have none, and nothing would release it.
     */
    public static boolean takesPacketId(ByteBuffer in, int at) {
        return in.get(at + KIND) == PUBLISH && qos(in, at) == Qos.EXACTLY_ONCE.level() && packetId(in, at) != 0;
    }

    public static int clientAt(int at) {
        return at + HEADER_BYTES;
    }

    /** The length of a record's client identifier in bytes. */
    public static int clientBytes(ByteBuffer in, int at) {
        return Short.toUnsignedInt(in.getShort(at + CLIENT_BYTES));
    }

    static int userAt(ByteBuffer in, int at) {
        return clientAt(at) + clientBytes(in, at);
    }

    static int userBytes(ByteBuffer in, int at) {
        return Short.toUnsignedInt(in.getShort(at + USER_BYTES));
    }

    static boolean hasUser(ByteBuffer in, int at) {
        return (in.get(at + FLAGS) & FLAG_USERNAME) != 0;
    }

    public static int topicAt(ByteBuffer in, int at) {
        return userAt(in, at) + userBytes(in, at);
    }

    /** The length of a record's topic in bytes. */
    public static int topicBytes(ByteBuffer in, int at) {
        return Short.toUnsignedInt(in.getShort(at + TOPIC_BYTES));
    }

    public static String topic(ByteBuffer in, int at) {
        return StoredText.of(in, topicAt(in, at), topicBytes(in, at));
    }

    private static int propertiesAt(ByteBuffer in, int at) {
        return topicAt(in, at) + topicBytes(in, at);
    }

    static int payloadBytes(ByteBuffer in, int at) {
        return at + size(in, at) - propertiesAt(in, at) - in.getInt(at + PROPERTIES_BYTES);
    }

    static int qos(ByteBuffer in, int at) {
        return in.get(at + FLAGS) & FLAG_QOS;
    }

    static boolean isRetained(ByteBuffer in, int at) {
        return (in.get(at + FLAGS) & FLAG_RETAINED) != 0;
    }

    static boolean isDuplicate(ByteBuffer in, int at) {
        return (in.get(at + FLAGS) & FLAG_DUPLICATE) != 0;
    }

    /** The packet identifier that came with a record; 0 if none did. */
    public static int packetId(ByteBuffer in, int at) {
        return Short.toUnsignedInt(in.getShort(at + PACKET_ID));
    }

    /** When the broker received a message, milliseconds since the epoch. */
    public static long receivedAt(ByteBuffer in, int at) {
        return in.getLong(at + RECEIVED_AT);
    }

    /** Where the common name of a certificate lies, as a text; 0 if there is none. */
    static int certificateNameAt(ByteBuffer in, int at) {
        return certificateBytes(in, at) == 0 ? 0 : propertiesAt(in, at) + PropertiesLayout.BEFORE_CERTIFICATE_NAME;
    }

    static int certificateNameBytes(ByteBuffer in, int at) {
        return certificateBytes(in, at) - PropertiesLayout.BEFORE_CERTIFICATE_NAME;
    }

    private static int certificateBytes(ByteBuffer in, int at) {
        return PropertiesLayout.certificateBytes(in, propertiesAt(in, at), in.getInt(at + PROPERTIES_BYTES));
    }

    static PublishProperties properties(ByteBuffer in, int at) {
        int before = certificateBytes(in, at);
        int bytes = in.getInt(at + PROPERTIES_BYTES) - before;
        return bytes == 0
                ? PublishProperties.NONE
                : PropertiesLayout.decode(in.slice(propertiesAt(in, at) + before, bytes));
    }

    /** The payload, copied. */
    static ByteBuffer payload(ByteBuffer in, int at) {
        byte[] payload = new byte[payloadBytes(in, at)];
        in.get(at + size(in, at) - payload.length, payload);
        return ByteBuffer.wrap(payload);
    }

    private static int codeOf(MessageKind kind) {
        return PUBLISH + KINDS.indexOf(kind);
    }

    static MessageKind kind(ByteBuffer in, int at) {
        int code = code(in, at);
        if (code < PUBLISH || code >= PUBLISH + KINDS.size()) {
            throw new BufferException("position " + position(in, at) + " holds a message of kind " + code
                    + ", which this version of Sluice does not know");
        }
        return KINDS.get(code - PUBLISH);
    }
}
