package io.sluice.broker.server;

import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import java.util.Optional;
import java.util.Set;

/** The keys that say where workers on other machines reach the buffer, and which of them. */
final class DrainKeys {

    private static final String LISTENER = "sluice.drain.listener";
    private static final String TOKEN_FILE = "sluice.drain.token.file";
    private static final String KEYSTORE_LOCATION = "sluice.drain.ssl.keystore.location";
    private static final String KEYSTORE_PASSWORD = "sluice.drain.ssl.keystore.password";
    private static final String KEYSTORE_TYPE = "sluice.drain.ssl.keystore.type";
    private static final String KEY_PASSWORD = "sluice.drain.ssl.key.password";
    private static final String TRUSTSTORE_LOCATION = "sluice.drain.ssl.truststore.location";
    private static final String TRUSTSTORE_PASSWORD = "sluice.drain.ssl.truststore.password";
    private static final String TRUSTSTORE_TYPE = "sluice.drain.ssl.truststore.type";
    private static final String CLIENT_AUTH = "sluice.drain.ssl.client.auth";

    static final Set<String> NAMES = Set.of(
            LISTENER,
            TOKEN_FILE,
            KEYSTORE_LOCATION,
            KEYSTORE_PASSWORD,
            KEYSTORE_TYPE,
            KEY_PASSWORD,
            TRUSTSTORE_LOCATION,
            TRUSTSTORE_PASSWORD,
            TRUSTSTORE_TYPE,
            CLIENT_AUTH);

    private DrainKeys() {}

    /** How the buffer is served; empty if it is not. */
    static Optional<DrainConfig> read(Settings settings) {
        Optional<String> listener = settings.text(LISTENER);
        if (listener.isEmpty()) {
            NAMES.stream()
                    .sorted()
                    .filter(key -> settings.text(key).isPresent())
                    .findFirst()
                    .ifPresent(key -> {
                        throw new ConfigurationException(key + " is set, and has no effect as long as " + LISTENER
                                + " does not say where the buffer is served: set that too, or leave out both");
                    });
            return Optional.empty();
        }
        BufferEndpoint endpoint = endpoint(listener.get());
        try {
            return Optional.of(new DrainConfig(endpoint, tls(settings), settings.file(TOKEN_FILE)));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    private static BufferEndpoint endpoint(String uri) {
        try {
            return BufferEndpoint.of(uri);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(LISTENER + ": " + e.getMessage());
        }
    }

    private static Optional<TlsConfig> tls(Settings settings) {
        return settings.store(KEYSTORE_LOCATION, KEYSTORE_TYPE, KEYSTORE_PASSWORD, StoreType.PKCS12)
                .map(keys -> new TlsConfig(
                        keys,
                        settings.text(KEY_PASSWORD).map(Secret::new),
                        settings.store(TRUSTSTORE_LOCATION, TRUSTSTORE_TYPE, TRUSTSTORE_PASSWORD, StoreType.PKCS12),
                        settings.choice(CLIENT_AUTH, ClientAuth.class, ClientAuth.NONE)));
    }
}
