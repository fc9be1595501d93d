package io.sluice.broker;

import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.buffer.BufferConfig;
import io.sluice.tls.TlsConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of a broker.
 *
 * @param name connectors that name the same broker share it
 * @param listeners the listeners to which devices connect; at least one
 * @param proxyProtocol whether every connection begins with a header of the PROXY protocol, from a load balancer
 * @param access who may connect, and what they may do
 * @param tls keys and trust of the listeners that speak TLS; required if there is one
 * @param maxMessageBytes larger publishes are refused; bytes
 * @param limits the broker's limits
 * @param sessionExpiry how long a persistent session outlives its connection at most
 * @param fanout whether publishes are routed to MQTT subscribers
 * @param webSocketOrigins the origins whose web pages may open WebSockets; the broker's host always may
 * @param linger how long listeners stay open after the last user has left
 * @param buffer the buffer that captured messages go into
 */
public record BrokerConfig(
        String name,
        List<Listener> listeners,
        boolean proxyProtocol,
        AccessConfig access,
        Optional<TlsConfig> tls,
        int maxMessageBytes,
        BrokerLimits limits,
        Duration sessionExpiry,
        boolean fanout,
        List<WebSocketOrigin> webSocketOrigins,
        Duration linger,
        BufferConfig buffer) {

    /** @throws IllegalArgumentException with one sentence that says what is wrong */
    public BrokerConfig {
        listeners = List.copyOf(listeners);
        webSocketOrigins = List.copyOf(webSocketOrigins);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("A broker needs at least one listener");
        }
        for (Listener listener : listeners) {
            if (listener.transport().isEncrypted() && tls.isEmpty()) {
                throw new IllegalArgumentException("The listener " + listener + " needs a key store");
            }
        }
    }

    /** Where sessions are kept, beside the segments of the buffer; empty if they are in memory. */
    public Optional<Path> sessionsDir() {
        return buffer.dir().map(dir -> dir.resolve("sessions"));
    }
}
