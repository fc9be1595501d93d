package io.sluice.broker.packet;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/** The packets with which a session delivers messages to its client. Stateless. */
public final class OutgoingPublish {

    private static final int PACKET_ID_BYTES = 2;
    private static final int LENGTH_BYTES = 2;
    private static final MqttFixedHeader PUBREL =
            new MqttFixedHeader(MqttMessageType.PUBREL, false, MqttQoS.AT_LEAST_ONCE, false, 0);

    private OutgoingPublish() {}

    /**
     * A PUBLISH.
     *
     * @param packetId 0 at QoS 0
     * @param topic topic name
     * @param again whether it is sent again ([MQTT-3.3.1-1])
     */
    public static MqttPublishMessage publish(
            String topic,
            Qos qos,
            int packetId,
            boolean retained,
            boolean again,
            MqttProperties properties,
            ByteBuffer payload) {
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH, again, MqttQoS.valueOf(qos.level()), retained, payload.remaining()),
                new MqttPublishVariableHeader(topic, packetId, properties),
                Unpooled.wrappedBuffer(payload));
    }

    /** PUBREL for a message that the client has, or ([MQTT-4.3.3-5]) for an identifier that is not known. */
    public static MqttMessage pubrel(int packetId, boolean isKnown, boolean mqtt5) {
        return new MqttMessage(
                PUBREL,
                isKnown || !mqtt5
                        ? MqttMessageIdVariableHeader.from(packetId)
                        : new MqttPubReplyMessageVariableHeader(
                                packetId, Reason.PACKET_IDENTIFIER_NOT_FOUND.code(), MqttProperties.NO_PROPERTIES));
    }

    /** The properties of a message as they go to a subscriber (section 3.3.2.3). */
    public static MqttProperties properties(
            PublishProperties message, Collection<Integer> subscriptionIdentifiers, long expirySeconds) {
        MqttProperties properties = new MqttProperties();
        if (message.payloadIsUtf8()) {
            properties.add(new IntegerProperty(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR.value(), 1));
        }
        if (message.messageExpirySeconds().isPresent()) {
            properties.add(
                    new IntegerProperty(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value(), (int) expirySeconds));
        }
        message.contentType()
                .ifPresent(type -> properties.add(new StringProperty(MqttPropertyType.CONTENT_TYPE.value(), type)));
        message.responseTopic()
                .ifPresent(topic -> properties.add(new StringProperty(MqttPropertyType.RESPONSE_TOPIC.value(), topic)));
        message.correlationData().ifPresent(data -> {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            properties.add(new BinaryProperty(MqttPropertyType.CORRELATION_DATA.value(), bytes));
        });
        message.userProperties()
                .forEach(pair -> properties.add(new MqttProperties.UserProperty(pair.name(), pair.value())));
        subscriptionIdentifiers.forEach(identifier ->
                properties.add(new IntegerProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value(), identifier)));
        return properties;
    }

    /** How many bytes a PUBLISH takes on the wire of an MQTT 5 connection, for the client's Maximum Packet Size. */
    public static long bytes(
            String topic, PublishProperties message, Collection<Integer> subscriptionIdentifiers, int payloadBytes) {
        long properties = message.payloadIsUtf8() ? 2 : 0;
        properties += message.messageExpirySeconds().isPresent() ? 5 : 0;
        properties += message.contentType().map(type -> 1 + text(type)).orElse(0L);
        properties += message.responseTopic().map(to -> 1 + text(to)).orElse(0L);
        properties += message.correlationData()
                .map(data -> 1L + LENGTH_BYTES + data.remaining())
                .orElse(0L);
        properties += message.userProperties().stream()
                .mapToLong(pair -> 1 + text(pair.name()) + text(pair.value()))
                .sum();
        properties += subscriptionIdentifiers.stream()
                .mapToLong(id -> 1 + variableLength(id))
                .sum();
        long remaining = text(topic) + PACKET_ID_BYTES + variableLength(properties) + properties + payloadBytes;
        return 1 + variableLength(remaining) + remaining;
    }

    /** The same for a PUBLISH that was made already. */
    public static long bytes(MqttPublishMessage publish) {
        MqttProperties properties = publish.variableHeader().properties();
        List<Integer> identifiers = properties.listAll().stream()
                .filter(property -> property.propertyId() == MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value())
                .map(property -> ((IntegerProperty) property).value())
                .toList();
        return bytes(
                publish.variableHeader().topicName(),
                Packets.properties(properties),
                identifiers,
                publish.payload().readableBytes());
    }

    private static long text(String text) {
        return (long) LENGTH_BYTES + ByteBufUtil.utf8Bytes(text);
    }

    private static int variableLength(long value) {
        return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
    }
}
