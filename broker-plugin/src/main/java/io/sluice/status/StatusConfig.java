package io.sluice.status;

import io.sluice.tls.TlsConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the status is served.
 *
 * @param listener where
 * @param tls keys of the listener, if it speaks TLS
 * @param tokenFile a token in each line, of which whoever asks must show one; empty: nobody needs one. Read again when it
 *     changes
 * @param allowsDisconnect whether whoever asks may disconnect a client
 */
public record StatusConfig(
        StatusAddress listener, Optional<TlsConfig> tls, Optional<Path> tokenFile, boolean allowsDisconnect) {

    /**
     * Checks that nobody is let in by oversight.
     *
     * @throws IllegalArgumentException if other machines can reach it without TLS or without a token, or whoever has no
     *     token may disconnect clients
     */
    public StatusConfig {
        if (listener.encrypted() != tls.isPresent()) {
            throw new IllegalArgumentException("The listener " + listener + " and its key store do not go together");
        }
        if (!listener.isLoopback() && !(listener.encrypted() && tokenFile.isPresent())) {
            throw new IllegalArgumentException("The listener " + listener + " needs TLS and a token");
        }
        if (allowsDisconnect && tokenFile.isEmpty()) {
            throw new IllegalArgumentException("Who disconnects clients needs a token");
        }
    }
}
