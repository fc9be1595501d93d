package io.sluice.broker;

import io.sluice.buffer.BufferConfig;
import io.sluice.tls.TlsConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A broker as its users want it.
 *
 * @param name connectors that name the same broker share it
 * @param listeners at least one, at most one for each transport, all on one host
 * @param allowAnonymous whether clients without a user name are let in
 * @param passwordFile user names and password hashes, in Moquette's format
 * @param aclFile who may read and write which topics, in Moquette's format
 * @param tls keys and trust of the listeners that speak TLS; required if there is one
 * @param maxMessageBytes larger publishes are refused; bytes
 * @param queueLimits how much of what clients have sent may wait in memory
 * @param sessionExpiry how long a persistent session outlives its connection
 * @param fanout whether publishes are routed to MQTT subscribers
 * @param webSocketOrigins whose pages may open WebSockets, besides those of the broker's own host
 * @param linger how long listeners stay open after the last user has left
 * @param buffer the buffer that captured messages go into
 */
public record BrokerConfig(
        String name,
        List<Listener> listeners,
        boolean allowAnonymous,
        Optional<Path> passwordFile,
        Optional<Path> aclFile,
        Optional<TlsConfig> tls,
        int maxMessageBytes,
        QueueLimits queueLimits,
        Duration sessionExpiry,
        boolean fanout,
        List<WebSocketOrigin> webSocketOrigins,
        Duration linger,
        BufferConfig buffer) {

    /**
     * Checks what the parts must have in common.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public BrokerConfig {
        listeners = List.copyOf(listeners);
        webSocketOrigins = List.copyOf(webSocketOrigins);
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("A broker needs at least one listener");
        }
        Set<Listener.Transport> transports = EnumSet.noneOf(Listener.Transport.class);
        for (Listener listener : listeners) {
            if (!listener.host().equals(listeners.get(0).host())) {
                throw new IllegalArgumentException(
                        "All listeners must be on one host, unlike " + listeners.get(0) + " and " + listener);
            }
            if (!transports.add(listener.transport())) {
                throw new IllegalArgumentException("There can be one listener for each transport, but " + listeners
                        + " has several for " + listener.transport());
            }
            if (listener.transport().isEncrypted() && tls.isEmpty()) {
                throw new IllegalArgumentException("The listener " + listener + " needs a key store");
            }
        }
    }
}
