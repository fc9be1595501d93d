package io.sluice.status;

import io.sluice.tls.TlsConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the status is served.
 *
 * @param tls keys of the listener, if it speaks TLS
 * @param tokenFile has a token in each line, one of which a client must show; empty: no client needs one. Read again
 *     when it changes
 * @param allowsDisconnect whether a client of the status may disconnect an MQTT client
 */
public record StatusConfig(
        StatusAddress listener, Optional<TlsConfig> tls, Optional<Path> tokenFile, boolean allowsDisconnect) {

    /**
     * Checks that no client is let in by oversight.
     *
     * @throws IllegalArgumentException if other machines can reach it without TLS or without a token, or a client
     *     without a token may disconnect MQTT clients
     */
    public StatusConfig {
        if (listener.encrypted() != tls.isPresent()) {
            throw new IllegalArgumentException("The listener " + listener + " and its key store do not go together");
        }
        if (!listener.isLoopback() && !(listener.encrypted() && tokenFile.isPresent())) {
            throw new IllegalArgumentException("The listener " + listener + " needs TLS and a token");
        }
        if (allowsDisconnect && tokenFile.isEmpty()) {
            throw new IllegalArgumentException("Disconnecting clients needs a token");
        }
    }
}
