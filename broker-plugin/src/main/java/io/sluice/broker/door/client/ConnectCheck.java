package io.sluice.broker.door.client;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttIdentifierRejectedException;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** Checks whether a CONNECT is valid (MQTT 5 section 3.1). */
public final class ConnectCheck {

    private ConnectCheck() {}

    /** Why a CONNECT could not be decoded. */
    public static Reason reasonOf(Throwable failure) {
        if (failure instanceof MqttUnacceptableProtocolVersionException) {
            return Reason.UNSUPPORTED_PROTOCOL_VERSION;
        }
        return failure instanceof MqttIdentifierRejectedException
                ? Reason.CLIENT_IDENTIFIER_NOT_VALID
                : Reason.MALFORMED_PACKET;
    }

    /**
     * {@link Reason#SUCCESS}, or why the client is refused whoever it is.
     *
     * @param takesMethod whether a method of enhanced authentication may be used
     */
    public static Reason check(MqttConnectMessage connect, Predicate<String> takesMethod) {
        MqttConnectVariableHeader header = connect.variableHeader();
        String clientId = clientId(connect);
        boolean mqtt5 = header.version() == MqttVersion.MQTT_5.protocolLevel();
        if ((clientId.isEmpty() && !mqtt5 && !header.isCleanSession()) || clientId.indexOf('\0') >= 0) {
            // [MQTT-3.1.3-8], [MQTT-1.5.4-2]
            return Reason.CLIENT_IDENTIFIER_NOT_VALID;
        }
        MqttProperties properties = header.properties();
        Optional<String> method = authenticationMethod(properties);
        if (method.isPresent() && !takesMethod.test(method.get())) {
            // [MQTT-4.12.0-1]
            return Reason.BAD_AUTHENTICATION_METHOD;
        }
        // Section 3.1.2.11.10
        if ((method.isEmpty() && authenticationData(properties).isPresent())
                || isZero(properties, MqttPropertyType.RECEIVE_MAXIMUM)
                || isZero(properties, MqttPropertyType.MAXIMUM_PACKET_SIZE)) {
            // Sections 3.1.2.11.3 and 3.1.2.11.4
            return Reason.PROTOCOL_ERROR;
        }
        if (header.isWillFlag() && connect.payload().willTopic() == null) {
            // The decoder leaves out one that is too long.
            return Reason.TOPIC_NAME_INVALID;
        }
        return Will.of(connect).map(Will::check).orElse(Reason.SUCCESS);
    }

    /** The method of enhanced authentication that a packet names (section 3.1.2.11.9). */
    public static Optional<String> authenticationMethod(MqttProperties properties) {
        return Packets.text(properties, MqttPropertyType.AUTHENTICATION_METHOD);
    }

    /** The authentication data of a packet in enhanced authentication (section 3.1.2.11.10). */
    public static Optional<byte[]> authenticationData(MqttProperties properties) {
        return properties.getProperty(MqttPropertyType.AUTHENTICATION_DATA.value()) instanceof BinaryProperty data
                ? Optional.of(data.value())
                : Optional.empty();
    }

    private static boolean isZero(MqttProperties properties, MqttPropertyType type) {
        return Packets.number(properties, type).orElse(1) == 0;
    }

    /** The identifier that the client gave itself, or none. */
    static String clientId(MqttConnectMessage connect) {
        return Objects.requireNonNullElse(connect.payload().clientIdentifier(), "");
    }
}
