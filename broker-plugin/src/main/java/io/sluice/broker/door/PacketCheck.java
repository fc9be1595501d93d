package io.sluice.broker.door;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import java.util.Set;

/** Which packets a client may send (MQTT 5 section 2.1.2), and which properties they may have (section 2.2.2.2). */
final class PacketCheck {

    private static final int REASON_STRING = 0x1F;
    private static final int USER_PROPERTY = 0x26;

    private static final Set<Integer> CONNECT = Set.of(0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, USER_PROPERTY, 0x27);
    private static final Set<Integer> WILL = Set.of(0x01, 0x02, 0x03, 0x08, 0x09, 0x18, USER_PROPERTY);
    private static final Set<Integer> PUBLISH = Set.of(0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, USER_PROPERTY);
    private static final Set<Integer> SUBSCRIBE = Set.of(0x0B, USER_PROPERTY);
    private static final Set<Integer> UNSUBSCRIBE = Set.of(USER_PROPERTY);
    private static final Set<Integer> ACKNOWLEDGEMENT = Set.of(REASON_STRING, USER_PROPERTY);
    private static final Set<Integer> DISCONNECT = Set.of(0x11, 0x1C, REASON_STRING, USER_PROPERTY);

    private PacketCheck() {}

    /** Whether a CONNECT has only properties that it may have, and its will too. */
    static boolean isOrderly(MqttConnectMessage connect) {
        return hasOnly(CONNECT, connect.variableHeader().properties())
                && hasOnly(WILL, connect.payload().willProperties());
    }

    /** Whether a packet behind CONNECT is one that comes from clients, with properties that it may have. */
    static boolean mayComeFromClient(MqttMessage packet) {
        return switch (packet.fixedHeader().messageType()) {
            case PUBLISH ->
                hasOnly(PUBLISH, ((MqttPublishMessage) packet).variableHeader().properties());
            case PUBACK, PUBREC, PUBREL, PUBCOMP ->
                !(packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader header)
                        || hasOnly(ACKNOWLEDGEMENT, header.properties());
            case SUBSCRIBE -> hasOnly(SUBSCRIBE, properties(packet));
            case UNSUBSCRIBE -> hasOnly(UNSUBSCRIBE, properties(packet));
            case DISCONNECT ->
                !(packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header)
                        || hasOnly(DISCONNECT, header.properties());
            case PINGREQ -> true;
            case CONNECT, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH -> false;
        };
    }

    private static MqttProperties properties(MqttMessage packet) {
        return packet.variableHeader() instanceof MqttMessageIdAndPropertiesVariableHeader header
                ? header.properties()
                : MqttProperties.NO_PROPERTIES;
    }

    private static boolean hasOnly(Set<Integer> allowed, MqttProperties properties) {
        return properties.isEmpty()
                || properties.listAll().stream().allMatch(property -> allowed.contains(property.propertyId()));
    }
}
