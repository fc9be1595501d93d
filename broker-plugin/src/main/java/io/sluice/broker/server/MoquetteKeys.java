package io.sluice.broker.server;

import static io.moquette.BrokerConstants.NEED_CLIENT_AUTH;

import io.moquette.BrokerConstants;
import io.moquette.broker.config.IConfig;
import io.sluice.broker.config.BrokerKeys;
import io.sluice.broker.config.Key;
import io.sluice.broker.config.StoreKeys;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Moquette's own keys, which a broker's file may use instead of Sluice's of the same meaning. */
final class MoquetteKeys {

    private static final String DISABLED = BrokerConstants.DISABLED_PORT_BIND;
    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final String DEFAULT_STORE = "jks";

    /** Sessions that last longer never expire (MQTT 5 section 3.1.2.11.2). */
    private static final Duration LONGEST_SESSION = Duration.ofSeconds(0xFFFF_FFFFL);

    /** Keys whose values are written as Sluice's are. */
    private static final Map<String, Key<?>> SAME = Map.of(
            IConfig.PASSWORD_FILE_PROPERTY_NAME, BrokerKeys.PASSWORD_FILE,
            IConfig.ACL_FILE_PROPERTY_NAME, BrokerKeys.ACL_FILE,
            IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, BrokerKeys.ALLOW_ANONYMOUS,
            IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, BrokerKeys.MAX_MESSAGE_BYTES,
            IConfig.JKS_PATH_PROPERTY_NAME, BrokerKeys.KEY_STORE.location(),
            IConfig.KEY_STORE_TYPE, BrokerKeys.KEY_STORE.format(),
            IConfig.KEY_STORE_PASSWORD_PROPERTY_NAME, BrokerKeys.KEY_STORE.password(),
            IConfig.KEY_MANAGER_PASSWORD_PROPERTY_NAME, BrokerKeys.KEY_PASSWORD);

    private static final Map<String, Transport> PORTS = new LinkedHashMap<>();

    static {
        PORTS.put(IConfig.PORT_PROPERTY_NAME, Transport.TCP);
        PORTS.put(IConfig.SSL_PORT_PROPERTY_NAME, Transport.SSL);
        PORTS.put(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, Transport.WS);
        PORTS.put(IConfig.WSS_PORT_PROPERTY_NAME, Transport.WSS);
    }

    /** Moquette's keys that Sluice decides itself, or has no use for. */
    private static final Set<String> UNUSED = Set.of(
            IConfig.WEB_SOCKET_PATH_PROPERTY_NAME,
            IConfig.PERSISTENT_QUEUE_TYPE_PROPERTY_NAME,
            IConfig.DATA_PATH_PROPERTY_NAME,
            IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME,
            IConfig.BUFFER_FLUSH_MS_PROPERTY_NAME,
            IConfig.SESSION_QUEUE_SIZE,
            IConfig.ENABLE_TELEMETRY_NAME,
            IConfig.RECEIVE_MAXIMUM,
            IConfig.SSL_PROVIDER,
            IConfig.MAX_SERVER_GRANTED_QOS_PROPERTY_NAME,
            IConfig.TOPIC_ALIAS_MAXIMUM_PROPERTY_NAME,
            IConfig.SERVER_KEEP_ALIVE_PROPERTY_NAME,
            IConfig.METRICS_PROVIDER_CLASS,
            BrokerConstants.INTERCEPT_HANDLER_PROPERTY_NAME,
            BrokerConstants.BROKER_INTERCEPTOR_THREAD_POOL_SIZE,
            BrokerConstants.SEGMENTED_QUEUE_PAGE_SIZE,
            BrokerConstants.SEGMENTED_QUEUE_SEGMENT_SIZE,
            BrokerConstants.AUTOSAVE_INTERVAL_PROPERTY_NAME,
            BrokerConstants.WEB_SOCKET_MAX_FRAME_SIZE_PROPERTY_NAME,
            BrokerConstants.ALLOW_ZERO_BYTE_CLIENT_ID_PROPERTY_NAME,
            BrokerConstants.DB_AUTHENTICATOR_DRIVER,
            BrokerConstants.DB_AUTHENTICATOR_URL,
            BrokerConstants.DB_AUTHENTICATOR_QUERY,
            BrokerConstants.DB_AUTHENTICATOR_DIGEST,
            BrokerConstants.NETTY_SO_BACKLOG_PROPERTY_NAME,
            BrokerConstants.NETTY_SO_REUSEADDR_PROPERTY_NAME,
            BrokerConstants.NETTY_TCP_NODELAY_PROPERTY_NAME,
            BrokerConstants.NETTY_SO_KEEPALIVE_PROPERTY_NAME,
            BrokerConstants.NETTY_CHANNEL_TIMEOUT_SECONDS_PROPERTY_NAME,
            BrokerConstants.NETTY_NATIVE_PROPERTY_NAME,
            "persistent_store",
            "immediate_buffer_flush");

    /** Moquette's keys that say who may do what in a way that this server does not know: without them it would let in more. */
    private static final Map<String, String> REFUSED = Map.of(
            IConfig.AUTHENTICATOR_CLASS_NAME, "name a " + IConfig.PASSWORD_FILE_PROPERTY_NAME,
            IConfig.AUTHORIZATOR_CLASS_NAME, "name an " + IConfig.ACL_FILE_PROPERTY_NAME,
            IConfig.PEER_CERTIFICATE_AS_USERNAME, "name a " + IConfig.PASSWORD_FILE_PROPERTY_NAME,
            BrokerConstants.REAUTHORIZE_SUBSCRIPTIONS_ON_CONNECT, "leave it out");

    private MoquetteKeys() {}

    /** The keys that mean something here. */
    static List<String> names() {
        return Stream.of(
                        SAME.keySet().stream(),
                        PORTS.keySet().stream(),
                        Stream.of(
                                IConfig.HOST_PROPERTY_NAME,
                                NEED_CLIENT_AUTH,
                                IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME))
                .flatMap(keys -> keys)
                .sorted()
                .toList();
    }

    static boolean isUnused(String key) {
        return UNUSED.contains(key);
    }

    /** What to do instead of setting a key that would keep clients out, and has no effect here. */
    static Optional<String> insteadOf(String key) {
        return Optional.ofNullable(REFUSED.get(key));
    }

    /** What Moquette calls a key, if it has one that is written in the same way. */
    static Optional<String> nameOf(Key<?> key) {
        return SAME.entrySet().stream()
                .filter(same -> same.getValue().equals(key))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Notes what a file says in Moquette's keys. */
    static void read(ConfigFile file, FileSettings settings) {
        SAME.forEach((written, key) -> file.text(written).ifPresent(text -> settings.put(key, written, text)));
        if (settings.isAbsent(BrokerKeys.LISTENERS)) {
            readListeners(file, settings);
        }
        file.text(IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME)
                .ifPresent(text -> settings.put(
                        BrokerKeys.SESSION_EXPIRY,
                        IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME,
                        Long.toString(sessionExpiry(file, text).toMillis())));
        readStores(file, settings);
    }

    private static void readListeners(ConfigFile file, FileSettings settings) {
        Optional<String> named = file.text(IConfig.HOST_PROPERTY_NAME);
        String host = named.orElse(DEFAULT_HOST);
        List<Listener> listeners = new ArrayList<>();
        PORTS.forEach((key, transport) -> {
            Optional<String> text = file.text(key);
            if (text.isPresent()) {
                port(key, text.get()).ifPresent(port -> listeners.add(new Listener(transport, host, port)));
            } else if (transport == Transport.TCP) {
                listeners.add(new Listener(transport, host, BrokerConstants.PORT));
            }
        });
        if (listeners.isEmpty()) {
            throw FileSettings.wrong(
                    IConfig.PORT_PROPERTY_NAME, DISABLED, "it must be a port as long as there is no other listener");
        }
        settings.put(
                BrokerKeys.LISTENERS,
                named.isPresent() ? IConfig.HOST_PROPERTY_NAME : IConfig.PORT_PROPERTY_NAME,
                listeners.stream().map(Listener::toString).collect(Collectors.joining(",")));
    }

    private static Optional<Integer> port(String key, String text) {
        if (text.equals(DISABLED)) {
            return Optional.empty();
        }
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return Optional.of(port);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw FileSettings.wrong(key, text, "it must be a port from 0 (a free one) to 65535, or disabled");
    }

    private static Duration sessionExpiry(ConfigFile file, String text) {
        String key = IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME;
        try {
            Duration duration = file.values().durationProp(key);
            if (duration.compareTo(Duration.ofSeconds(1)) >= 0 && duration.compareTo(LONGEST_SESSION) <= 0) {
                return duration;
            }
        } catch (RuntimeException e) {
            // Said below: Moquette's own message names neither key nor value for each kind of mistake.
        }
        throw FileSettings.wrong(
                key,
                text,
                "it must be a whole number and one of the units s, m, h, d, such as 7d, and at most "
                        + LONGEST_SESSION.toDays() + "d");
    }

    /** Moquette's stores are JKS unless it is said, and what is in the key store may issue certificates. */
    private static void readStores(ConfigFile file, FileSettings settings) {
        StoreKeys keys = BrokerKeys.KEY_STORE;
        StoreKeys trust = BrokerKeys.TRUST_STORE;
        if (file.keys().contains(IConfig.JKS_PATH_PROPERTY_NAME) && settings.isAbsent(keys.format())) {
            settings.put(keys.format(), IConfig.KEY_STORE_TYPE, DEFAULT_STORE);
        }
        Optional<String> needed = file.text(NEED_CLIENT_AUTH).map(text -> text.toLowerCase(Locale.ROOT));
        if (needed.isEmpty()) {
            return;
        }
        ClientAuth clientAuth = switch (needed.get()) {
            case "true" -> ClientAuth.REQUIRED;
            case "false" -> ClientAuth.NONE;
            default -> throw FileSettings.wrong(NEED_CLIENT_AUTH, needed.get(), "it must be true or false");
        };
        settings.put(
                BrokerKeys.CLIENT_AUTH,
                NEED_CLIENT_AUTH,
                BrokerKeys.CLIENT_AUTH.type().text(clientAuth));
        if (clientAuth == ClientAuth.REQUIRED && settings.isAbsent(trust.location())) {
            settings.text(keys.location())
                    .ifPresent(text -> settings.put(trust.location(), IConfig.JKS_PATH_PROPERTY_NAME, text));
            settings.text(keys.password())
                    .ifPresent(text -> settings.put(trust.password(), IConfig.KEY_STORE_PASSWORD_PROPERTY_NAME, text));
            settings.text(keys.format()).ifPresent(text -> settings.put(trust.format(), IConfig.KEY_STORE_TYPE, text));
        }
    }
}
