package io.sluice.broker;

import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** MQTT 3.1.1 packets as bytes, made cheaply: for tests that send more than a client library could. */
final class Wire {

    /** Length of CONNACK, PUBACK, PUBREC and PUBCOMP. */
    static final int ANSWER_BYTES = 4;

    static final byte[] PINGREQ = {(byte) 0xC0, 0};

    private static final int PAYLOAD_BYTES = 64;
    private static final int MAX_IN_FLIGHT = 60_000;

    private Wire() {}

    static byte[] connect(String clientId, boolean cleanSession) {
        byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
        byte flags = (byte) (cleanSession ? 2 : 0);
        return ByteBuffer.allocate(14 + id.length)
                .put((byte) 0x10)
                .put((byte) (12 + id.length))
                .put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, flags, 0, 60})
                .putShort((short) id.length)
                .put(id)
                .array();
    }

    /** PUBLISH packets whose payloads begin with consecutive numbers. */
    static byte[] publishes(String topic, int qos, int from, int count, boolean duplicate) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        int remaining = 2 + name.length + (qos == 0 ? 0 : 2) + PAYLOAD_BYTES;
        ByteBuffer packets = ByteBuffer.allocate(count * (2 + remaining));
        for (int number = from; number < from + count; number++) {
            packets.put((byte) (0x30 | qos << 1 | (duplicate ? 8 : 0))).put((byte) remaining);
            packets.putShort((short) name.length).put(name);
            if (qos > 0) {
                packets.putShort((short) packetId(number));
            }
            packets.putInt(number).put(new byte[PAYLOAD_BYTES - Integer.BYTES]);
        }
        return packets.array();
    }

    /** Whether CONNACK says that the session is present. */
    static boolean isSessionPresent(byte[] connack) {
        return connack[2] == 1;
    }

    /** The packet id of PUBACK, PUBREC or PUBCOMP. */
    static int packetId(byte[] answer) {
        return ByteBuffer.wrap(answer).getChar(2);
    }

    static int packetId(int number) {
        return 1 + number % MAX_IN_FLIGHT;
    }

    static boolean isPubrec(byte[] answer) {
        return (answer[0] & 0xF0) == 0x50;
    }

    static byte[] pubrel(int packetId) {
        return new byte[] {0x62, 2, (byte) (packetId >>> 8), (byte) packetId};
    }

    static byte[] pubrelFor(byte[] pubrec) {
        return new byte[] {0x62, 2, pubrec[2], pubrec[3]};
    }

    /** The number that a payload begins with. */
    static int number(Message message) {
        ByteBuffer payload = message.payload();
        return payload.getInt(payload.position());
    }
}
