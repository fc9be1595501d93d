package io.sluice.broker;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribePayload;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Translates between Netty's MQTT packets and what the rest of the room speaks of. */
final class Packets {

    private static final MqttFixedHeader PUBACK = ackHeader(MqttMessageType.PUBACK);
    private static final MqttFixedHeader PUBREC = ackHeader(MqttMessageType.PUBREC);
    private static final MqttFixedHeader PUBCOMP = ackHeader(MqttMessageType.PUBCOMP);
    private static final MqttFixedHeader PUBREL =
            new MqttFixedHeader(MqttMessageType.PUBREL, false, MqttQoS.AT_LEAST_ONCE, false, 0);
    private static final MqttFixedHeader UNSUBSCRIBE =
            new MqttFixedHeader(MqttMessageType.UNSUBSCRIBE, false, MqttQoS.AT_LEAST_ONCE, false, 0);
    private static final MqttUnsubscribePayload NO_FILTERS = new MqttUnsubscribePayload(List.of());

    private static final int OVERHEAD_BYTES = 256;

    static final MqttMessage PINGRESP = new MqttMessage(ackHeader(MqttMessageType.PINGRESP));

    private Packets() {}

    private static MqttFixedHeader ackHeader(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    /** About how much memory a packet holds while it waits. */
    static int heldBytes(MqttMessage packet) {
        return OVERHEAD_BYTES
                + (packet instanceof MqttPublishMessage publish
                        ? publish.payload().readableBytes()
                        : 0);
    }

    /** The message that a PUBLISH carries; its payload is a view of the packet's. */
    static Message message(MqttPublishMessage publish, String clientId, Optional<String> username, long nowMs) {
        return message(publish, clientId, username, nowMs, publish.payload().nioBuffer());
    }

    /** The message that a PUBLISH carries, with a payload of its own. */
    static Message ownedMessage(MqttPublishMessage publish, String clientId, Optional<String> username, long nowMs) {
        return message(publish, clientId, username, nowMs, ByteBuffer.wrap(ByteBufUtil.getBytes(publish.payload())));
    }

    private static Message message(
            MqttPublishMessage publish, String clientId, Optional<String> username, long nowMs, ByteBuffer payload) {
        MqttFixedHeader header = publish.fixedHeader();
        MqttPublishVariableHeader variable = publish.variableHeader();
        Qos qos = Qos.ofLevel(header.qosLevel().value());
        return new Message(
                MessageKind.PUBLISH,
                clientId,
                username,
                variable.topicName(),
                qos,
                header.isRetain(),
                header.isDup(),
                qos == Qos.AT_MOST_ONCE ? 0 : variable.packetId(),
                nowMs,
                properties(variable.properties()),
                payload);
    }

    /** The properties of a PUBLISH or of a will that travel with the message. */
    static PublishProperties properties(MqttProperties properties) {
        if (properties.isEmpty()) {
            return PublishProperties.NONE;
        }
        return new PublishProperties(
                integer(properties, MqttPropertyType.PAYLOAD_FORMAT_INDICATOR) == 1,
                expiry(properties),
                string(properties, MqttPropertyType.CONTENT_TYPE),
                string(properties, MqttPropertyType.RESPONSE_TOPIC),
                Optional.ofNullable((BinaryProperty) property(properties, MqttPropertyType.CORRELATION_DATA))
                        .map(correlation -> ByteBuffer.wrap(correlation.value())),
                userProperties(properties));
    }

    private static MqttProperties.@Nullable MqttProperty<?> property(MqttProperties properties, MqttPropertyType type) {
        return properties.getProperty(type.value());
    }

    private static int integer(MqttProperties properties, MqttPropertyType type) {
        return property(properties, type) instanceof IntegerProperty integer ? integer.value() : 0;
    }

    private static OptionalLong expiry(MqttProperties properties) {
        return property(properties, MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL) instanceof IntegerProperty seconds
                ? OptionalLong.of(Integer.toUnsignedLong(seconds.value()))
                : OptionalLong.empty();
    }

    /** Makes an expiry one that Moquette can count: it takes the longest for what has expired already. */
    static void limitExpiry(MqttProperties properties) {
        if (expiry(properties).orElse(0) > Integer.MAX_VALUE) {
            properties.add(
                    new IntegerProperty(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value(), Integer.MAX_VALUE));
        }
    }

    private static Optional<String> string(MqttProperties properties, MqttPropertyType type) {
        return property(properties, type) instanceof StringProperty string
                ? Optional.of(string.value())
                : Optional.empty();
    }

    private static List<UserProperty> userProperties(MqttProperties properties) {
        return property(properties, MqttPropertyType.USER_PROPERTY) instanceof UserProperties pairs
                ? pairs.value().stream()
                        .map(pair -> new UserProperty(pair.key, pair.value))
                        .toList()
                : List.of();
    }

    /** The same PUBLISH under another packet identifier. Shares the payload, and does not retain it. */
    static MqttPublishMessage withPacketId(MqttPublishMessage publish, int packetId) {
        MqttPublishVariableHeader variable = publish.variableHeader();
        return new MqttPublishMessage(
                publish.fixedHeader(),
                new MqttPublishVariableHeader(variable.topicName(), packetId, variable.properties()),
                publish.payload());
    }

    static MqttMessage puback(int packetId, Reason reason) {
        return reply(PUBACK, packetId, reason);
    }

    static MqttMessage pubrec(int packetId, Reason reason) {
        return reply(PUBREC, packetId, reason);
    }

    static MqttMessage pubcomp(int packetId, Reason reason) {
        return reply(PUBCOMP, packetId, reason);
    }

    private static MqttMessage reply(MqttFixedHeader header, int packetId, Reason reason) {
        return reason == Reason.SUCCESS
                ? new MqttMessage(header, MqttMessageIdVariableHeader.from(packetId))
                : new MqttMessage(
                        header,
                        new MqttPubReplyMessageVariableHeader(packetId, reason.code(), MqttProperties.NO_PROPERTIES));
    }

    /** CONNACK that refuses a client for a reason that concerns its will. */
    static MqttMessage connackRefusing(boolean mqtt5, Reason reason) {
        MqttConnectReturnCode code = !mqtt5
                ? MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED
                : reason == Reason.NOT_AUTHORIZED
                        ? MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5
                        : MqttConnectReturnCode.CONNECTION_REFUSED_TOPIC_NAME_INVALID;
        return MqttMessageBuilders.connAck()
                .returnCode(code)
                .sessionPresent(false)
                .build();
    }

    /**
     * Grants a client what it asks for, up to a most; Moquette takes what lasts for ever for what has ended already, and
     * gives the most to a client that asks for nothing and does not start anew.
     *
     * @return how long the client's session outlives its connection, in seconds (section 3.1.2.11.2)
     */
    static long grantSessionExpiry(MqttConnectMessage connect, int maxSeconds) {
        boolean anew = connect.variableHeader().isCleanSession();
        if (connect.variableHeader().version() != MqttVersion.MQTT_5.protocolLevel()) {
            return anew ? 0 : Long.MAX_VALUE;
        }
        MqttProperties properties = connect.variableHeader().properties();
        if (property(properties, MqttPropertyType.SESSION_EXPIRY_INTERVAL) instanceof IntegerProperty asked) {
            int granted = (int) Math.min(Integer.toUnsignedLong(asked.value()), maxSeconds);
            properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), granted));
            return granted;
        }
        return anew ? 0 : maxSeconds;
    }

    static MqttMessage pubrel(int packetId) {
        return new MqttMessage(PUBREL, MqttMessageIdVariableHeader.from(packetId));
    }

    static MqttMessage disconnect(Reason reason) {
        return new MqttMessage(
                ackHeader(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(reason.code(), MqttProperties.NO_PROPERTIES));
    }

    /** An UNSUBSCRIBE from nothing, which Moquette answers once it has done everything before it. */
    static MqttMessage fence(int packetId) {
        return new MqttUnsubscribeMessage(
                UNSUBSCRIBE,
                new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES),
                NO_FILTERS);
    }

    /** The packet identifier of a PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBSCRIBE or UNSUBACK. */
    static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }
}
