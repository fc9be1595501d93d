package io.sluice.connect.config;

import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Brokers that run elsewhere: where their buffers are drained, and how to get in. */
final class RemoteGroup {

    static final String NAME = "Brokers elsewhere";

    static final String ENDPOINTS = "buffer.endpoints";
    static final String TOKEN = "buffer.auth.token";
    static final String KEY_PASSWORD = "buffer.ssl.key.password";

    private static final StoreKeys KEY_STORE = StoreKeys.keyStore("buffer.ssl");
    private static final StoreKeys TRUST_STORE = StoreKeys.trustStore("buffer.ssl");

    private static final String ENDPOINTS_DOC =
            "Where the brokers serve their buffers (`sluice.drain.listener` in theirs), as comma-separated URIs:"
                    + " `ssl://broker-1.example.com:8884` for TLS, `tcp://127.0.0.1:1884` for plain text. Required with"
                    + " `broker.mode=remote`. `tasks.max` tasks share them: each drains one or more, or, with more tasks"
                    + " than brokers, a part of the clients of one.";
    private static final String TOKEN_DOC = "The token that the brokers ask for, if they have a file of it.";
    private static final String KEYSTORE_DOC =
            "File of the certificate and private key that tasks show to brokers which ask for one.";
    private static final String KEY_PASSWORD_DOC = "Password of the private key, if it is not that of the key store.";
    private static final String TRUSTSTORE_DOC =
            "File of the certificates that issue the brokers' certificates. Unset: those the JVM trusts.";

    private final AbstractConfig values;

    RemoteGroup(AbstractConfig values) {
        this.values = values;
    }

    static void update(ConfigDef definition) {
        Keys keys = new Keys(definition, NAME)
                .shownWhen(shown -> !BrokerGroup.isEmbeddedChosen(shown))
                .define(
                        ENDPOINTS,
                        ConfigDef.Type.LIST,
                        null,
                        Syntax.of("URIs such as ssl://broker-1.example.com:8884", RemoteGroup::endpoint),
                        Importance.HIGH,
                        ENDPOINTS_DOC,
                        "Endpoints")
                .define(TOKEN, ConfigDef.Type.PASSWORD, null, null, Importance.HIGH, TOKEN_DOC, "Token");
        TRUST_STORE.define(keys, Importance.HIGH, TRUSTSTORE_DOC, RemoteGroup::isEncrypted);
        KEY_STORE.define(keys, Importance.MEDIUM, KEYSTORE_DOC, RemoteGroup::isEncrypted);
        keys.define(
                KEY_PASSWORD,
                ConfigDef.Type.PASSWORD,
                null,
                null,
                Importance.LOW,
                KEY_PASSWORD_DOC,
                "Key password",
                Shown.when(RemoteGroup::isEncrypted));
    }

    private static boolean isEncrypted(Map<String, Object> values) {
        return values.get(ENDPOINTS) instanceof List<?> uris
                && uris.stream().anyMatch(uri -> uri.toString().startsWith("ssl:"));
    }

    private static BufferEndpoint endpoint(String uri) {
        BufferEndpoint endpoint = BufferEndpoint.of(uri);
        if (endpoint.port() == 0) {
            throw new IllegalArgumentException("'" + uri + "' has port 0: name the port on which the broker serves");
        }
        return endpoint;
    }

    static void validate(CheckedValues values) {
        if (values.isAbsent(ENDPOINTS)) {
            values.refuse(
                    ENDPOINTS,
                    ENDPOINTS + " is not set: with " + BrokerGroup.MODE + "=remote name where the brokers serve their"
                            + " buffers, such as ssl://broker-1.example.com:8884.");
        }
        Set<BufferEndpoint> seen = new HashSet<>();
        values.list(ENDPOINTS).stream()
                .map(BufferEndpoint::of)
                .filter(endpoint -> !seen.add(endpoint))
                .findFirst()
                .ifPresent(twice -> values.refuse(
                        ENDPOINTS, ENDPOINTS + " has " + twice + " more than once: name each endpoint once."));
        TRUST_STORE.validate(values);
        KEY_STORE.validate(values);
    }

    List<BufferEndpoint> endpoints() {
        return values.getList(ENDPOINTS).stream().map(BufferEndpoint::of).toList();
    }

    BufferCredentials credentials() {
        return new BufferCredentials(
                KEY_STORE.store(values),
                StoreKeys.secret(values, KEY_PASSWORD),
                TRUST_STORE.store(values),
                StoreKeys.secret(values, TOKEN));
    }
}
