package io.sluice.remote;

import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a broker serves its buffer.
 *
 * @param tls keys and trust of the listener, if it speaks TLS
 * @param tokenFile a token in each line, of which workers must show one, or the name of a connector and a token, which lets
 *     in that connector alone; empty: they need none. Read again when it changes: a token that is taken out ends the
 *     attachments that were made with it
 */
public record DrainConfig(BufferEndpoint listener, Optional<TlsConfig> tls, Optional<Path> tokenFile) {

    /**
     * Checks that nobody is let in by oversight.
     *
     * @throws IllegalArgumentException with one sentence that says what is missing
     */
    public DrainConfig {
        if (listener.encrypted() && tls.isEmpty()) {
            throw new IllegalArgumentException("sluice.drain.listener is '" + listener
                    + "', and speaks TLS: name the broker's keys in sluice.drain.ssl.keystore.location");
        }
        if (tls.filter(config -> config.clientAuth() != ClientAuth.NONE
                        && config.trustStore().isEmpty())
                .isPresent()) {
            throw new IllegalArgumentException(
                    "sluice.drain.ssl.client.auth asks workers for a certificate, and nothing"
                            + " says who may have issued it: name those in sluice.drain.ssl.truststore.location");
        }
        boolean certificates =
                tls.filter(config -> config.clientAuth() == ClientAuth.REQUIRED).isPresent();
        if (!listener.isLoopback() && !(listener.encrypted() && (certificates || tokenFile.isPresent()))) {
            throw new IllegalArgumentException("sluice.drain.listener is '" + listener + "', which other machines can"
                    + " reach: it must be an ssl:// listener, and with sluice.drain.ssl.client.auth required or a"
                    + " sluice.drain.token.file say who may read the messages");
        }
    }
}
