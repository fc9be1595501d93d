package io.sluice.broker.door;

import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.client.ClientLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.rate.RateLimits;
import io.sluice.tls.TlsConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of the front door.
 *
 * @param listeners where devices connect; at least one
 * @param tls keys and trust of the listeners that speak TLS
 * @param access who may connect, and do what
 * @param maxMessageBytes larger publishes are refused; bytes
 * @param maxSessionExpirySeconds how long a session outlives its connection at most; 0xFFFFFFFF for ever
 * @param fanout whether publishes go to subscribers
 * @param queueLimits how much of what clients have sent may wait in memory
 * @param connectionLimits how many connections there may be
 * @param rates how often clients may connect, publish and try passwords
 * @param maxKeepAlive the longest keep-alive of an MQTT 5 client; zero: as the client says
 * @param connectTimeout how long a connection may take to send its whole CONNECT
 * @param stallTimeout how long a client may read nothing while something waits for it
 * @param webSocketOrigins the origins whose web pages may open WebSockets; the broker's host always may
 * @param proxyProtocol whether every connection begins with a header of the PROXY protocol
 */
public record DoorConfig(
        List<Listener> listeners,
        Optional<TlsConfig> tls,
        AccessControl access,
        int maxMessageBytes,
        long maxSessionExpirySeconds,
        boolean fanout,
        QueueLimits queueLimits,
        ConnectionLimits connectionLimits,
        RateLimits rates,
        Duration maxKeepAlive,
        Duration connectTimeout,
        Duration stallTimeout,
        List<WebSocketOrigin> webSocketOrigins,
        boolean proxyProtocol) {

    public DoorConfig {
        listeners = List.copyOf(listeners);
        webSocketOrigins = List.copyOf(webSocketOrigins);
    }

    ClientLimits clientLimits() {
        return new ClientLimits(
                maxMessageBytes,
                maxSessionExpirySeconds,
                fanout,
                (int) maxKeepAlive.toSeconds(),
                connectTimeout.toMillis(),
                stallTimeout.toMillis());
    }
}
