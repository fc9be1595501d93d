package io.sluice.broker.door;

import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.client.ClientLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.tls.TlsConfig;
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
 * @param limits the limits of the broker
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
        BrokerLimits limits,
        List<WebSocketOrigin> webSocketOrigins,
        boolean proxyProtocol) {

    ClientLimits clientLimits() {
        return new ClientLimits(
                maxMessageBytes,
                maxSessionExpirySeconds,
                fanout,
                (int) limits.maxKeepAlive().toSeconds(),
                limits.connectTimeout().toMillis(),
                limits.stallTimeout().toMillis());
    }
}
