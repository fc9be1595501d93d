package io.sluice.broker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.packet.OutgoingPublish;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client that sends just the packets it is told to, when it is told to, and acknowledges nothing by itself. */
final class RawClient implements AutoCloseable {

    private static final int MAX_PACKET = 2_000_000;

    private final Socket socket;
    private final InputStream in;
    // One channel for both directions: the decoder takes the protocol version from the CONNECT that was encoded.
    private final EmbeddedChannel codec = new EmbeddedChannel(MqttEncoder.INSTANCE, new MqttDecoder(MAX_PACKET));
    private final MqttVersion version;
    private final byte[] chunk = new byte[65_536];

    RawClient(int port, MqttVersion version) throws IOException {
        this.version = version;
        this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
        this.socket.setTcpNoDelay(true);
        this.in = socket.getInputStream();
    }

    /** A client whose CONNECT was accepted. */
    static RawClient connected(int port, MqttVersion version, String clientId) throws IOException {
        RawClient client = new RawClient(port, version);
        client.send(client.connect(clientId, true));
        MqttMessage connack = client.read(5_000);
        if (connack == null || connack.fixedHeader().messageType() != MqttMessageType.CONNACK) {
            throw new IOException("no CONNACK but " + connack);
        }
        return client;
    }

    MqttConnectMessage connect(String clientId, boolean cleanSession) {
        return MqttMessageBuilders.connect()
                .protocolVersion(version)
                .clientId(clientId)
                .cleanSession(cleanSession)
                .keepAlive(60)
                .build();
    }

    static MqttMessage pubrel(int packetId) {
        return OutgoingPublish.pubrel(packetId, true, false);
    }

    static MqttPublishMessage publish(String topic, int qos, int packetId, String payload) {
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.valueOf(qos))
                .messageId(packetId)
                .payload(Unpooled.copiedBuffer(payload, StandardCharsets.UTF_8))
                .build();
    }

    /** Sends packets in one write. */
    void send(MqttMessage... packets) throws IOException {
        byte[] bytes = encode(packets);
        sendBytes(bytes, bytes.length);
    }

    /** Packets as bytes. */
    byte[] encode(MqttMessage... packets) {
        for (MqttMessage packet : packets) {
            codec.writeOutbound(packet);
        }
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    void sendBytes(byte[] bytes, int length) throws IOException {
        socket.getOutputStream().write(bytes, 0, length);
    }

    /** The next packet; null if none comes in time or the connection ends. */
    @Nullable
    MqttMessage read(int timeoutMs) throws IOException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000L;
        MqttMessage packet = codec.readInbound();
        while (packet == null) {
            long leftMs = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return null;
            }
            socket.setSoTimeout((int) leftMs);
            try {
                int count = in.read(chunk);
                if (count < 0) {
                    return null;
                }
                codec.writeInbound(Unpooled.copiedBuffer(chunk, 0, count));
            } catch (SocketTimeoutException e) {
                return null;
            }
            packet = codec.readInbound();
        }
        return packet;
    }

    /** Whether the broker closes the connection in time; packets that come before are skipped. */
    boolean isClosedWithin(int timeoutMs) throws IOException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000L;
        while (System.nanoTime() < deadline) {
            socket.setSoTimeout((int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            try {
                if (in.read(chunk) < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    /** The reason code of a packet; 0 if it has none. */
    static int reasonCode(MqttMessage packet) {
        if (packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply) {
            return reply.reasonCode() & 0xFF;
        }
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? header.reasonCode() & 0xFF
                : 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        codec.close();
    }
}
