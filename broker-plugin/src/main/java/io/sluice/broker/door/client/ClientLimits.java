package io.sluice.broker.door.client;

import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;

/**
 * The limits of clients. CONNACK tells them to MQTT 5 clients.
 *
 * @param maxPacketBytes the largest packet that clients are told they may send (section 3.2.2.3.6); one that exceeds it
 *     by no more than its fixed header is accepted
 * @param maxSessionExpirySeconds how long a session outlives its connection at most (section 3.2.2.3.2)
 * @param fanout whether publishes go to subscribers
 * @param maxKeepAliveSeconds the longest keep-alive of an MQTT 5 client, in seconds; 0: as the client says
 * @param connectTimeoutMs how long a connection may take to send its whole CONNECT, in milliseconds
 * @param stallTimeoutMs how long a client may read nothing while something waits for it, in milliseconds
 */
public record ClientLimits(
        int maxPacketBytes,
        long maxSessionExpirySeconds,
        boolean fanout,
        int maxKeepAliveSeconds,
        long connectTimeoutMs,
        long stallTimeoutMs) {

    /** Publishes of QoS 1 and 2 that an MQTT 5 client may have in flight (section 3.2.2.3.3). */
    public static final int RECEIVE_MAXIMUM = 1_000;

    /** The keep-alive in force for a client (section 3.2.2.3.14): an MQTT 3 client cannot be told any but its own. */
    int keepAliveSeconds(MqttConnectVariableHeader connect) {
        int own = connect.keepAliveTimeSeconds();
        boolean isTooLong = own == 0 || own > maxKeepAliveSeconds;
        return maxKeepAliveSeconds > 0 && isTooLong && connect.version() == MqttVersion.MQTT_5.protocolLevel()
                ? maxKeepAliveSeconds
                : own;
    }
}
