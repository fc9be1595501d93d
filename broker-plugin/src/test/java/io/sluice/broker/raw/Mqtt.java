package io.sluice.broker.raw;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** A version of MQTT, and its packets as they should be. */
public enum Mqtt {
    V3_1("MQIsdp", 3),
    V3_1_1("MQTT", 4),
    V5("MQTT", 5);

    public static final int CONNACK = 2;
    public static final int PUBLISH = 3;
    public static final int PUBACK = 4;
    public static final int PUBREC = 5;
    public static final int PUBREL = 6;
    public static final int PUBCOMP = 7;
    public static final int SUBACK = 9;
    public static final int UNSUBACK = 11;
    public static final int PINGRESP = 13;
    public static final int DISCONNECTED = 14;

    public static final int CLEAN = 0x02;

    private final String protocol;
    private final int level;

    Mqtt(String protocol, int level) {
        this.protocol = protocol;
        this.level = level;
    }

    /** One of them. */
    public static Mqtt any(Random random) {
        return List.of(values()).get(random.nextInt(values().length));
    }

    /** Everything of CONNECT up to its properties. */
    public Bytes connectHead(int flags, int keepAlive) {
        return new Bytes().text(protocol).u8(level, flags).u16(keepAlive);
    }

    public byte[] connect(String clientId) {
        return connect(clientId, CLEAN);
    }

    public byte[] connect(String clientId, int flags) {
        return connect(clientId, flags, new Bytes());
    }

    /**
     * CONNECT with properties.
     *
     * @param properties left out unless this is MQTT 5
     */
    public byte[] connect(String clientId, int flags, Bytes properties) {
        Bytes connect = connectHead(flags, 60);
        if (this == V5) {
            connect.properties(properties);
        }
        return connect.text(clientId).packet(0x10);
    }

    /** A session that outlives its connection by an hour, or for ever. */
    public byte[] connectPersistent(String clientId) {
        return connect(clientId, 0, Bytes.of(0x11).u32(3_600));
    }

    public byte[] connectWithWill(String clientId, int qos, String topic, byte[] payload) {
        Bytes connect = connectHead(CLEAN | 0x04 | (qos << 3), 60);
        if (this == V5) {
            connect.properties(new Bytes());
        }
        connect.text(clientId);
        if (this == V5) {
            connect.properties(new Bytes());
        }
        return connect.text(topic).binary(payload).packet(0x10);
    }

    public byte[] publish(String topic, int qos, int packetId, String payload) {
        return publish(topic, qos << 1, packetId, new Bytes(), payload.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] publishRetained(String topic, int qos, int packetId, String payload) {
        return publish(topic, (qos << 1) | 1, packetId, new Bytes(), payload.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * PUBLISH with properties.
     *
     * @param flags the lower four bits of the first byte
     * @param properties left out unless this is MQTT 5
     */
    public byte[] publish(String topic, int flags, int packetId, Bytes properties, byte[] payload) {
        Bytes publish = new Bytes().text(topic);
        if ((flags & 0x06) != 0) {
            publish.u16(packetId);
        }
        if (this == V5) {
            publish.properties(properties);
        }
        return publish.raw(payload).packet(0x30 | flags);
    }

    public byte[] subscribe(int packetId, int options, String... filters) {
        Bytes subscribe = new Bytes().u16(packetId);
        if (this == V5) {
            subscribe.properties(new Bytes());
        }
        for (String filter : filters) {
            subscribe.text(filter).u8(options);
        }
        return subscribe.packet(0x82);
    }

    public byte[] unsubscribe(int packetId, String... filters) {
        Bytes unsubscribe = new Bytes().u16(packetId);
        if (this == V5) {
            unsubscribe.properties(new Bytes());
        }
        for (String filter : filters) {
            unsubscribe.text(filter);
        }
        return unsubscribe.packet(0xA2);
    }

    public static byte[] pingreq() {
        return new byte[] {(byte) 0xC0, 0};
    }

    public static byte[] disconnect() {
        return new byte[] {(byte) 0xE0, 0};
    }

    public static byte[] puback(int packetId) {
        return new Bytes().u16(packetId).packet(0x40);
    }

    public static byte[] pubrec(int packetId) {
        return new Bytes().u16(packetId).packet(0x50);
    }

    public static byte[] pubrel(int packetId) {
        return new Bytes().u16(packetId).packet(0x62);
    }

    public static byte[] pubcomp(int packetId) {
        return new Bytes().u16(packetId).packet(0x70);
    }
}
