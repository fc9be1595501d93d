package io.sluice.broker.door.client;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The message that a client wants published if it goes without DISCONNECT (MQTT 5 section 3.1.2.5).
 *
 * @param delaySeconds how long it may be gone before that, in seconds, unsigned
 */
public record Will(
        String topic, Qos qos, boolean retained, PublishProperties properties, ByteBuffer payload, long delaySeconds) {

    /** What a pair of user properties takes besides its characters. */
    private static final int PAIR_BYTES = 100;

    /** The will in a CONNECT, if there is one. */
    public static Optional<Will> of(MqttConnectMessage connect) {
        MqttConnectVariableHeader header = connect.variableHeader();
        if (!header.isWillFlag()) {
            return Optional.empty();
        }
        MqttConnectPayload payload = connect.payload();
        MqttProperties properties = payload.willProperties();
        return Optional.of(new Will(
                payload.willTopic(),
                Qos.ofLevel(header.willQos()),
                header.isWillRetain(),
                Packets.properties(properties),
                ByteBuffer.wrap(payload.willMessageInBytes()),
                Packets.number(properties, MqttPropertyType.WILL_DELAY_INTERVAL).orElse(0)));
    }

    /** {@link Reason#SUCCESS}, or why it is not valid. */
    Reason check() {
        if (!PublishCheck.mayAnswerTo(properties.responseTopic())) {
            return Reason.PROTOCOL_ERROR;
        }
        return properties.payloadIsUtf8()
                        && !ByteBufUtil.isText(Unpooled.wrappedBuffer(payload), StandardCharsets.UTF_8)
                ? Reason.PAYLOAD_FORMAT_INVALID
                : Reason.SUCCESS;
    }

    /** About how much memory it holds, in bytes. */
    public int heldBytes() {
        int pairs = properties.userProperties().stream()
                .mapToInt(
                        pair -> PAIR_BYTES + pair.name().length() + pair.value().length())
                .sum();
        return topic.length() + payload.remaining() + pairs;
    }

    /** The message, as its client leaves it now. */
    public Message message(Client client, long nowMs) {
        return new Message(
                MessageKind.WILL,
                client.id(),
                client.username(),
                client.certificateName(),
                topic,
                qos,
                retained,
                false,
                0,
                nowMs,
                properties,
                payload.duplicate());
    }
}
