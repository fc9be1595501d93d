package io.sluice.broker.door;

import io.netty.handler.codec.mqtt.MqttMessage;

/** Which packets a client may send (MQTT 5 section 2.1.2). */
final class PacketCheck {

    private PacketCheck() {}

    /** Whether a packet behind CONNECT is one that comes from clients. */
    static boolean mayComeFromClient(MqttMessage packet) {
        return switch (packet.fixedHeader().messageType()) {
            case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT -> true;
            case CONNECT, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH -> false;
        };
    }
}
