package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyType;
import io.sluice.broker.config.KeyValues;
import io.sluice.broker.config.StoreKeys;
import io.sluice.broker.config.TlsProtocolKeys;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.tls.TlsConfig.Secret;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;

/** Standalone brokers: where their buffers are drained, and how to get in. */
record RemoteGroup(KeyValues settings) {

    static final String NAME = "Standalone brokers";

    static final Key<List<BufferEndpoint>> ENDPOINTS = new Key<>(
            "buffer.endpoints",
            NAME,
            "Endpoints",
            Key.Importance.HIGH,
            new KeyType.Items<>("URIs such as ssl://broker-1.example.com:8884", RemoteGroup::endpoint),
            Optional.empty(),
            "Addresses at which the brokers serve their buffers (their `sluice.drain.listener`), as comma-separated"
                    + " URIs: `ssl://broker-1.example.com:8884` for TLS, `tcp://127.0.0.1:1884` for plain text."
                    + " Required with `broker.mode=remote`. `tasks.max` tasks share them: each task drains one or more"
                    + " brokers; with more tasks than brokers, several tasks share the clients of one.");
    private static final Key<Secret> TOKEN = new Key<>(
            "buffer.auth.token",
            NAME,
            "Token",
            Key.Importance.HIGH,
            new KeyType.Password(),
            Optional.empty(),
            "The token for the brokers, if they have a token file.");
    private static final StoreKeys TRUST_STORE = StoreKeys.trustStore(
            "buffer.ssl",
            NAME,
            Key.Importance.HIGH,
            "File with the certificates of those who issue the brokers' certificates. Unset: those that the JVM"
                    + " trusts.");
    private static final StoreKeys KEY_STORE = StoreKeys.keyStore(
            "buffer.ssl",
            NAME,
            Key.Importance.MEDIUM,
            "File of the certificate and private key that tasks show to brokers which ask for one. It is read"
                    + " again when it changes.");
    private static final Key<Secret> KEY_PASSWORD = StoreKeys.keyPassword("buffer.ssl", NAME);
    private static final TlsProtocolKeys TERMS = TlsProtocolKeys.of("buffer.ssl", NAME);

    static void update(ConfigDef definition) {
        Keys keys = new Keys(definition, NAME);
        for (Key<?> key : List.of(ENDPOINTS, TOKEN)) {
            BrokerKey.define(keys, key, shown -> !BrokerGroup.isEmbeddedChosen(shown));
        }
        Stream.of(TRUST_STORE.all(), KEY_STORE.all(), List.of(KEY_PASSWORD), TERMS.all())
                .flatMap(List::stream)
                .forEach(key -> BrokerKey.define(keys, key, RemoteGroup::isEncrypted));
    }

    private static boolean isEncrypted(Map<String, Object> values) {
        return values.get(ENDPOINTS.name()) instanceof List<?> uris
                && uris.stream().anyMatch(uri -> uri.toString().startsWith("ssl:"));
    }

    private static BufferEndpoint endpoint(String uri) {
        BufferEndpoint endpoint = BufferEndpoint.of(uri);
        if (endpoint.port() == 0) {
            throw new IllegalArgumentException("'" + uri + "' has port 0: name the port on which the broker serves");
        }
        if (endpoint.encrypted() && endpoint.host().contains("_")) {
            throw new IllegalArgumentException(
                    "'" + uri + "' has a host name with an underscore, which no certificate may"
                            + " have, so that TLS refuses it: give the broker a name without one, as in "
                            + uri.replace('_', '-'));
        }
        return endpoint;
    }

    static void validate(CheckedValues values) {
        if (values.isAbsent(ENDPOINTS)) {
            values.refuse(
                    ENDPOINTS.name(),
                    " is not set: with " + BrokerGroup.MODE + "=remote name where the brokers serve"
                            + " their buffers, such as ssl://broker-1.example.com:8884.");
        }
        Set<BufferEndpoint> seen = new HashSet<>();
        values.given(ENDPOINTS).orElse(List.of()).stream()
                .filter(endpoint -> !seen.add(endpoint))
                .findFirst()
                .ifPresent(twice ->
                        values.refuse(ENDPOINTS.name(), " has " + twice + " more than once: name each endpoint once."));
        Stream.of(TRUST_STORE.check(values), KEY_STORE.check(values), TERMS.check(values))
                .flatMap(Optional::stream)
                .forEach(values::refuse);
    }

    List<BufferEndpoint> endpoints() {
        return settings.given(ENDPOINTS).orElseThrow();
    }

    BufferCredentials credentials() {
        return new BufferCredentials(
                KEY_STORE.store(settings),
                settings.given(KEY_PASSWORD),
                TRUST_STORE.store(settings),
                TERMS.terms(settings),
                settings.given(TOKEN));
    }
}
