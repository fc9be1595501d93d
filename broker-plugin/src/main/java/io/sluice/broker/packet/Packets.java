package io.sluice.broker.packet;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
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
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
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

/** Translates between Netty's MQTT packets and messages, and makes the answers to publishers. */
public final class Packets {

    private static final MqttFixedHeader PUBACK = ackHeader(MqttMessageType.PUBACK);
    private static final MqttFixedHeader PUBREC = ackHeader(MqttMessageType.PUBREC);
    private static final MqttFixedHeader PUBCOMP = ackHeader(MqttMessageType.PUBCOMP);

    private static final int OVERHEAD_BYTES = 256;
    private static final int PROPERTY_BYTES = 48;

    public static final MqttMessage PINGRESP = new MqttMessage(ackHeader(MqttMessageType.PINGRESP));

    private Packets() {}

    private static MqttFixedHeader ackHeader(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    /** About how much memory a packet holds while it waits, in bytes: payload, topics, filters and properties. */
    public static int heldBytes(MqttMessage packet) {
        if (packet instanceof MqttPublishMessage publish) {
            return OVERHEAD_BYTES
                    + publish.payload().readableBytes()
                    + publish.variableHeader().topicName().length()
                    + heldBytes(publish.variableHeader().properties());
        }
        if (packet instanceof MqttSubscribeMessage subscribe) {
            return OVERHEAD_BYTES
                    + subscribe.payload().topicSubscriptions().stream()
                            .mapToInt(subscription ->
                                    OVERHEAD_BYTES + subscription.topicFilter().length())
                            .sum();
        }
        if (packet instanceof MqttUnsubscribeMessage unsubscribe) {
            return OVERHEAD_BYTES
                    + unsubscribe.payload().topics().stream()
                            .mapToInt(filter -> PROPERTY_BYTES + filter.length())
                            .sum();
        }
        return OVERHEAD_BYTES
                + (packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply
                        ? heldBytes(reply.properties())
                        : heldBytes(properties(packet)));
    }

    /** The properties of a DISCONNECT or AUTH. */
    public static MqttProperties properties(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? header.properties()
                : MqttProperties.NO_PROPERTIES;
    }

    /** The reason code of a DISCONNECT or AUTH, unsigned; 0 if it has none. */
    public static int reasonCode(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Byte.toUnsignedInt(header.reasonCode())
                : 0;
    }

    /** The bytes of a publish that count against the publish limits: its topic and its payload. */
    public static int publishedBytes(MqttPublishMessage publish) {
        return publish.payload().readableBytes()
                + publish.variableHeader().topicName().length();
    }

    private static int heldBytes(MqttProperties properties) {
        if (properties.isEmpty()) {
            return 0;
        }
        int bytes = 0;
        for (MqttProperties.MqttProperty<?> property : properties.listAll()) {
            bytes += PROPERTY_BYTES;
            if (property instanceof UserProperties pairs) {
                for (MqttProperties.StringPair pair : pairs.value()) {
                    bytes += PROPERTY_BYTES + pair.key.length() + pair.value.length();
                }
            } else if (property instanceof StringProperty string) {
                bytes += string.value().length();
            } else if (property instanceof BinaryProperty binary) {
                bytes += binary.value().length;
            }
        }
        return bytes;
    }

    public static Message message(
            MqttPublishMessage publish,
            String clientId,
            Optional<String> username,
            Optional<String> certificateName,
            long nowMs,
            ByteBuffer payload) {
        MqttFixedHeader header = publish.fixedHeader();
        MqttPublishVariableHeader variable = publish.variableHeader();
        Qos qos = Qos.ofLevel(header.qosLevel().value());
        return new Message(
                MessageKind.PUBLISH,
                clientId,
                username,
                certificateName,
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
    public static PublishProperties properties(MqttProperties properties) {
        if (properties.isEmpty()) {
            return PublishProperties.NONE;
        }
        return new PublishProperties(
                number(properties, MqttPropertyType.PAYLOAD_FORMAT_INDICATOR).orElse(0) == 1,
                number(properties, MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL),
                text(properties, MqttPropertyType.CONTENT_TYPE),
                text(properties, MqttPropertyType.RESPONSE_TOPIC),
                Optional.ofNullable((BinaryProperty) property(properties, MqttPropertyType.CORRELATION_DATA))
                        .map(correlation -> ByteBuffer.wrap(correlation.value())),
                userProperties(properties));
    }

    private static MqttProperties.@Nullable MqttProperty<?> property(MqttProperties properties, MqttPropertyType type) {
        return properties.getProperty(type.value());
    }

    /** The number of a property, 0 to 4,294,967,295, if the packet has it. */
    public static OptionalLong number(MqttProperties properties, MqttPropertyType type) {
        return property(properties, type) instanceof IntegerProperty number
                ? OptionalLong.of(Integer.toUnsignedLong(number.value()))
                : OptionalLong.empty();
    }

    /** The largest packet that a client takes, by the properties of its CONNECT (section 3.1.2.11.4). */
    public static long maxPacketBytes(MqttProperties connect) {
        return number(connect, MqttPropertyType.MAXIMUM_PACKET_SIZE).orElse(Long.MAX_VALUE);
    }

    /** The text of a property, if the packet has it. */
    public static Optional<String> text(MqttProperties properties, MqttPropertyType type) {
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

    public static MqttMessage puback(int packetId, Reason reason) {
        return reply(PUBACK, packetId, reason);
    }

    public static MqttMessage pubrec(int packetId, Reason reason) {
        return reply(PUBREC, packetId, reason);
    }

    public static MqttMessage pubcomp(int packetId, Reason reason) {
        return reply(PUBCOMP, packetId, reason);
    }

    private static MqttMessage reply(MqttFixedHeader header, int packetId, Reason reason) {
        return reason == Reason.SUCCESS
                ? new MqttMessage(header, MqttMessageIdVariableHeader.from(packetId))
                : new MqttMessage(
                        header,
                        new MqttPubReplyMessageVariableHeader(packetId, reason.code(), MqttProperties.NO_PROPERTIES));
    }

    /** CONNACK that lets a client in. */
    public static MqttMessage connack(boolean sessionPresent, MqttProperties properties) {
        return new MqttConnAckMessage(
                ackHeader(MqttMessageType.CONNACK),
                new MqttConnAckVariableHeader(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent, properties));
    }

    public static MqttMessage suback(int packetId, List<Integer> codes) {
        return new MqttSubAckMessage(
                ackHeader(MqttMessageType.SUBACK),
                MqttMessageIdVariableHeader.from(packetId),
                new MqttSubAckPayload(codes));
    }

    /** UNSUBACK with a reason for each filter, which MQTT 3 does not have ([MQTT-3.11.3-1]). */
    public static MqttMessage unsuback(boolean mqtt5, int packetId, List<Integer> reasons) {
        return new MqttUnsubAckMessage(
                ackHeader(MqttMessageType.UNSUBACK),
                MqttMessageIdVariableHeader.from(packetId),
                mqtt5
                        ? new MqttUnsubAckPayload(
                                reasons.stream().map(Integer::shortValue).toList())
                        : null);
    }

    /**
     * CONNACK that refuses a client, with the code of its version (MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2).
     */
    public static MqttMessage connackRefusing(boolean mqtt5, Reason reason) {
        byte code = mqtt5 ? reason.code() : reason.returnCode();
        return new MqttConnAckMessage(
                ackHeader(MqttMessageType.CONNACK),
                new MqttConnAckVariableHeader(
                        MqttConnectReturnCode.valueOf(code), false, MqttProperties.NO_PROPERTIES));
    }

    /** AUTH that accepts a client's new token (section 3.15). */
    public static MqttMessage authenticated(String method) {
        MqttProperties properties = new MqttProperties();
        // [MQTT-4.12.0-5]
        properties.add(new StringProperty(MqttPropertyType.AUTHENTICATION_METHOD.value(), method));
        return new MqttMessage(
                ackHeader(MqttMessageType.AUTH),
                new MqttReasonCodeAndPropertiesVariableHeader(Reason.SUCCESS.code(), properties));
    }

    /** DISCONNECT with which the broker ends an MQTT 5 connection. */
    public static MqttMessage disconnect(Reason reason) {
        return new MqttMessage(
                ackHeader(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(reason.code(), MqttProperties.NO_PROPERTIES));
    }

    /** The packet identifier of a PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBSCRIBE or UNSUBACK. */
    public static int packetId(MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }
}
