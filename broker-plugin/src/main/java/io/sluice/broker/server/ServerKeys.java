package io.sluice.broker.server;

import io.sluice.broker.config.BrokerKeys;
import io.sluice.broker.config.Key;
import io.sluice.broker.config.Key.Importance;
import io.sluice.broker.config.KeyType;
import io.sluice.broker.config.KeyValues;
import io.sluice.broker.config.StatusKeys;
import io.sluice.broker.config.StoreKeys;
import io.sluice.broker.config.TlsProtocolKeys;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of the standalone broker: those of every broker, and those that say how workers drain its buffer and where its
 * status is served.
 */
final class ServerKeys {

    /** Stands in the file before a name of the table. */
    static final String PREFIX = "sluice.";

    /** Where workers drain the buffer, and which of them. */
    static final String DRAIN = "Drain";

    static final Key<Boolean> ACKNOWLEDGE_UNATTACHED = new Key<>(
            "buffer.acknowledge.unattached",
            BrokerKeys.BUFFER,
            "Acknowledge while connectors are away",
            Importance.MEDIUM,
            new KeyType.Flag(),
            Optional.empty(),
            "Whether the broker acknowledges messages at QoS 1 and 2 that are on disk even while no task of a connector"
                    + " is attached, so that devices do not notice when Kafka Connect is down. `false`: devices wait"
                    + " until a task attaches. Unset: `true` on disk, `false` in memory. With `ack.mode=delivered`"
                    + " devices always wait.");

    private static final Key<BufferEndpoint> LISTENER = new Key<>(
            "drain.listener",
            DRAIN,
            "Listener",
            Importance.HIGH,
            new KeyType.Parsed<>("a URI such as ssl://0.0.0.0:8884", BufferEndpoint::of),
            Optional.empty(),
            "Address at which tasks of connectors with `broker.mode=remote` drain the buffer: `tcp://host:port` for"
                    + " plain text, `ssl://host:port` for TLS. If other machines can reach it, it must be `ssl`, and"
                    + " required client certificates or a token file must say who gets in. With port 0 the broker takes"
                    + " a free port, and logs it. Unset: no task drains it.");

    private static final Key<Path> TOKEN_FILE = new Key<>(
            "drain.token.file",
            DRAIN,
            "Token file",
            Importance.HIGH,
            KeyType.Location.FILE,
            Optional.empty(),
            "File with a token of at least 16 printable characters in each line; a worker sends one of them"
                    + " (`buffer.auth.token`). A connector's name in front of a token lets in that connector only. The"
                    + " broker reads the file again when it changes, and closes connections whose token was removed.");

    private static final StoreKeys KEY_STORE = StoreKeys.keyStore(
            "drain.ssl",
            DRAIN,
            Importance.HIGH,
            "File of the broker's certificate and private key for workers; the broker reads it again when it changes.");

    private static final Key<Secret> KEY_PASSWORD = StoreKeys.keyPassword("drain.ssl", DRAIN);

    private static final StoreKeys TRUST_STORE = StoreKeys.trustStore(
            "drain.ssl", DRAIN, Importance.MEDIUM, "File of the certificates that issue the workers' certificates.");

    private static final Key<ClientAuth> CLIENT_AUTH = new Key<>(
            "drain.ssl.client.auth",
            DRAIN,
            "Client certificates",
            Importance.MEDIUM,
            new KeyType.Choice<>(ClientAuth.class),
            Optional.of(ClientAuth.NONE),
            "Whether workers show a certificate: `none`, `requested` or `required`.");

    private static final TlsProtocolKeys TERMS = TlsProtocolKeys.of("drain.ssl", DRAIN);

    private ServerKeys() {}

    /** All of them, in the order in which they are shown. */
    static List<Key<?>> all() {
        return Stream.of(BrokerKeys.all(), List.of(ACKNOWLEDGE_UNATTACHED), ofDrain(), StatusKeys.all())
                .<Key<?>>flatMap(List::stream)
                .toList();
    }

    private static List<Key<?>> ofDrain() {
        return Stream.of(
                        List.of(LISTENER, TOKEN_FILE),
                        KEY_STORE.all(),
                        List.of(KEY_PASSWORD),
                        TRUST_STORE.all(),
                        List.of(CLIENT_AUTH),
                        TERMS.all())
                .<Key<?>>flatMap(List::stream)
                .toList();
    }

    /**
     * How the buffer is served; empty if it is not.
     *
     * @throws ConfigurationException if a value cannot be used
     */
    static Optional<DrainConfig> drain(KeyValues settings) {
        Optional<BufferEndpoint> listener = settings.given(LISTENER);
        if (listener.isEmpty()) {
            ofDrain().stream()
                    .filter(key -> !settings.isAbsent(key))
                    .findFirst()
                    .ifPresent(key -> {
                        throw new ConfigurationException(settings.name(key) + " is set, and has no effect as long as "
                                + settings.name(LISTENER)
                                + " does not say where the buffer is served: set that too, or leave out both");
                    });
            return Optional.empty();
        }
        Stream.of(KEY_STORE.check(settings), TRUST_STORE.check(settings), TERMS.check(settings))
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(mistake -> {
                    throw new ConfigurationException(mistake.sentence());
                });
        try {
            return Optional.of(new DrainConfig(listener.get(), tls(settings), settings.given(TOKEN_FILE)));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<TlsConfig> tls(KeyValues settings) {
        return KEY_STORE
                .store(settings)
                .map(keys -> new TlsConfig(
                        keys,
                        settings.given(KEY_PASSWORD),
                        TRUST_STORE.store(settings),
                        settings.value(CLIENT_AUTH),
                        TERMS.terms(settings)));
    }
}
