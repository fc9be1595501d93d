package io.sluice.broker.door.client;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.sluice.broker.packet.Packets;

/** The CONNACK that lets a client in, with what the broker grants it (MQTT 5 section 3.2.2.3). */
public final class Connack {

    private Connack() {}

    /** The packet for a client, and for the session that it gets. */
    public static MqttMessage of(Client client, ClientLimits clientLimits, boolean sessionContinues) {
        return Packets.connack(
                sessionContinues,
                client.speaksMqtt5() ? properties(client, clientLimits) : MqttProperties.NO_PROPERTIES);
    }

    private static MqttProperties properties(Client client, ClientLimits clientLimits) {
        MqttProperties connack = new MqttProperties();
        if (client.isAssigned()) {
            connack.add(new StringProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value(), client.id()));
        }
        // [MQTT-4.12.0-5]
        client.authenticationMethod()
                .ifPresent(method ->
                        connack.add(new StringProperty(MqttPropertyType.AUTHENTICATION_METHOD.value(), method)));
        tell(connack, MqttPropertyType.SESSION_EXPIRY_INTERVAL, (int) client.sessionExpirySeconds());
        if (clientLimits.maxKeepAliveSeconds() > 0) {
            tell(connack, MqttPropertyType.SERVER_KEEP_ALIVE, client.keepAliveSeconds());
        }
        tell(connack, MqttPropertyType.RECEIVE_MAXIMUM, ClientLimits.RECEIVE_MAXIMUM);
        tell(connack, MqttPropertyType.MAXIMUM_PACKET_SIZE, clientLimits.maxPacketBytes());
        int fanout = clientLimits.fanout() ? 1 : 0;
        tell(connack, MqttPropertyType.RETAIN_AVAILABLE, fanout);
        tell(connack, MqttPropertyType.WILDCARD_SUBSCRIPTION_AVAILABLE, fanout);
        tell(connack, MqttPropertyType.SUBSCRIPTION_IDENTIFIER_AVAILABLE, fanout);
        tell(connack, MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, fanout);
        return connack;
    }

    private static void tell(MqttProperties connack, MqttPropertyType type, int value) {
        connack.add(new IntegerProperty(type.value(), value));
    }
}
