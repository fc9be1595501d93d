package io.sluice.broker;

import io.sluice.buffer.BufferConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A broker as its users want it.
 *
 * @param name connectors that name the same broker share it
 * @param listeners at least one, at most one for each transport, all on one host
 * @param allowAnonymous whether clients without a user name are let in
 * @param passwordFile user names and password hashes, in Moquette's format
 * @param aclFile who may read and write which topics, in Moquette's format
 * @param maxMessageBytes larger publishes are refused; bytes
 * @param sessionExpiry how long a persistent session outlives its connection
 * @param fanout whether publishes are routed to MQTT subscribers
 * @param linger how long listeners stay open after the last user has left
 * @param buffer the buffer that captured messages go into
 */
public record BrokerConfig(
        String name,
        List<Listener> listeners,
        boolean allowAnonymous,
        Optional<Path> passwordFile,
        Optional<Path> aclFile,
        int maxMessageBytes,
        Duration sessionExpiry,
        boolean fanout,
        Duration linger,
        BufferConfig buffer) {

    public BrokerConfig {
        listeners = List.copyOf(listeners);
    }
}
