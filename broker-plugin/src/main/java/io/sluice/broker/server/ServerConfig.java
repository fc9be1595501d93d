package io.sluice.broker.server;

import static io.moquette.BrokerConstants.NEED_CLIENT_AUTH;

import io.moquette.BrokerConstants;
import io.moquette.broker.config.IConfig;
import io.sluice.broker.BrokerConfig;
import io.sluice.broker.BrokerLimits;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.Listener;
import io.sluice.broker.door.Listener.Transport;
import io.sluice.broker.door.QueueLimits;
import io.sluice.broker.door.WebSocketOrigin;
import io.sluice.broker.memory.MemoryLimits;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.remote.DrainConfig;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the keys of a broker's configuration mean: Moquette's own where it has one, and {@code sluice.} before the name
 * of the connector's key where it has none.
 *
 * @param broker the broker
 * @param drain how its buffer is served to workers on other machines, if it is
 * @param unused keys of Moquette's in the file that have no effect here
 */
record ServerConfig(BrokerConfig broker, Optional<DrainConfig> drain, List<String> unused) {

    static final String BUFFER_DIR = "sluice.buffer.dir";
    static final String FANOUT = "sluice.broker.fanout";

    private static final String LISTENERS = "sluice.broker.listeners";
    private static final String PROXY_PROTOCOL = "sluice.broker.proxy.protocol";
    private static final String CONNECTIONS_MAX = "sluice.broker.connections.max";
    private static final String CONNECTIONS_MAX_PER_ADDRESS = "sluice.broker.connections.max.per.address";
    private static final String CONNECT_TIMEOUT = "sluice.broker.connect.timeout.ms";
    private static final String STALL_TIMEOUT = "sluice.broker.stall.timeout.ms";
    private static final String KEEP_ALIVE_MAX = "sluice.broker.keep.alive.max.seconds";
    private static final String SESSION_QUEUE_MAX_MESSAGES = "sluice.broker.session.queue.max.messages";
    private static final String SESSION_QUEUE_MAX_BYTES = "sluice.broker.session.queue.max.bytes";
    private static final String SUBSCRIPTIONS_MAX = "sluice.broker.session.subscriptions.max";
    private static final String RETAINED_MAX_MESSAGES = "sluice.broker.retained.max.messages";
    private static final String RETAINED_MAX_BYTES = "sluice.broker.retained.max.bytes";
    private static final String QUEUED_MAX_BYTES = "sluice.broker.queued.max.bytes";
    private static final String CONNECTION_QUEUED_MAX_BYTES = "sluice.broker.connection.queued.max.bytes";
    private static final String WEBSOCKET_ORIGINS = "sluice.broker.websocket.origins";
    private static final String STORAGE = "sluice.buffer.storage";
    private static final String MAX_BYTES = "sluice.buffer.max.bytes";
    private static final String OVERFLOW = "sluice.buffer.overflow";
    private static final String SEGMENT_BYTES = "sluice.buffer.segment.bytes";
    private static final String RETENTION = "sluice.buffer.retention.ms";
    private static final String CONSUMER_EXPIRY = "sluice.buffer.consumer.expiry.ms";
    private static final String ACKNOWLEDGE_UNATTACHED = "sluice.buffer.acknowledge.unattached";
    private static final String TRUSTSTORE_LOCATION = "sluice.broker.ssl.truststore.location";
    private static final String TRUSTSTORE_PASSWORD = "sluice.broker.ssl.truststore.password";
    private static final String TRUSTSTORE_TYPE = "sluice.broker.ssl.truststore.type";

    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final String DISABLED = BrokerConstants.DISABLED_PORT_BIND;
    private static final int LARGEST_MESSAGE = 268_435_455;
    private static final Duration WEEK = Duration.ofDays(7);
    /** Sessions that last longer never expire (MQTT 5 section 3.1.2.11.2). */
    private static final Duration LONGEST_SESSION = Duration.ofSeconds(0xFFFF_FFFFL);

    private static final Set<String> SLUICE_KEYS = Set.of(
            STORAGE,
            BUFFER_DIR,
            MAX_BYTES,
            OVERFLOW,
            SEGMENT_BYTES,
            RETENTION,
            CONSUMER_EXPIRY,
            ACKNOWLEDGE_UNATTACHED,
            FANOUT,
            LISTENERS,
            PROXY_PROTOCOL,
            CONNECTIONS_MAX,
            CONNECTIONS_MAX_PER_ADDRESS,
            CONNECT_TIMEOUT,
            STALL_TIMEOUT,
            KEEP_ALIVE_MAX,
            SESSION_QUEUE_MAX_MESSAGES,
            SESSION_QUEUE_MAX_BYTES,
            SUBSCRIPTIONS_MAX,
            RETAINED_MAX_MESSAGES,
            RETAINED_MAX_BYTES,
            QUEUED_MAX_BYTES,
            CONNECTION_QUEUED_MAX_BYTES,
            WEBSOCKET_ORIGINS,
            TRUSTSTORE_LOCATION,
            TRUSTSTORE_PASSWORD,
            TRUSTSTORE_TYPE);

    private static final Set<String> MOQUETTE_KEYS = Set.of(
            IConfig.HOST_PROPERTY_NAME,
            IConfig.PORT_PROPERTY_NAME,
            IConfig.SSL_PORT_PROPERTY_NAME,
            IConfig.WEB_SOCKET_PORT_PROPERTY_NAME,
            IConfig.WSS_PORT_PROPERTY_NAME,
            IConfig.JKS_PATH_PROPERTY_NAME,
            IConfig.KEY_STORE_TYPE,
            IConfig.KEY_STORE_PASSWORD_PROPERTY_NAME,
            IConfig.KEY_MANAGER_PASSWORD_PROPERTY_NAME,
            NEED_CLIENT_AUTH,
            IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME,
            IConfig.PASSWORD_FILE_PROPERTY_NAME,
            IConfig.ACL_FILE_PROPERTY_NAME,
            IConfig.NETTY_MAX_BYTES_PROPERTY_NAME,
            IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME);

    /** Moquette's keys that Sluice decides itself, or has no use for. */
    private static final Set<String> UNUSED_KEYS = Set.of(
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
    private static final Map<String, String> REFUSED_KEYS = Map.of(
            IConfig.AUTHENTICATOR_CLASS_NAME, "name a " + IConfig.PASSWORD_FILE_PROPERTY_NAME,
            IConfig.AUTHORIZATOR_CLASS_NAME, "name an " + IConfig.ACL_FILE_PROPERTY_NAME,
            IConfig.PEER_CERTIFICATE_AS_USERNAME, "name a " + IConfig.PASSWORD_FILE_PROPERTY_NAME,
            BrokerConstants.REAUTHORIZE_SUBSCRIPTIONS_ON_CONNECT, "leave it out");

    /** Where the messages are. */
    private enum Storage {
        DISK,
        MEMORY
    }

    /**
     * What a file says.
     *
     * @throws ConfigurationException if it cannot be read or used
     */
    static ServerConfig read(Path path) {
        ConfigFile file = ConfigFile.read(path.toAbsolutePath());
        List<String> unused = new ArrayList<>();
        for (String key : file.keys()) {
            if (UNUSED_KEYS.contains(key)) {
                unused.add(key);
            } else if (REFUSED_KEYS.containsKey(key)) {
                throw new ConfigurationException(key + " is '" + file.values().getProperty(key)
                        + "', and this server does not know it; instead, " + REFUSED_KEYS.get(key));
            } else if (!isOurs(key) && !MOQUETTE_KEYS.contains(key)) {
                throw new ConfigurationException(key + " in " + path + " is no key of this server; its own begin with"
                        + " sluice. and are "
                        + Stream.concat(SLUICE_KEYS.stream(), DrainKeys.NAMES.stream())
                                .sorted()
                                .toList() + ", those of Moquette that it"
                        + " uses are " + MOQUETTE_KEYS.stream().sorted().toList());
            }
        }
        Path folder = Optional.ofNullable(file.path().getParent()).orElseThrow();
        Settings settings = new Settings(file.values(), file.keys()::contains, folder);
        return new ServerConfig(broker(settings), DrainKeys.read(settings), unused);
    }

    private static boolean isOurs(String key) {
        return SLUICE_KEYS.contains(key) || DrainKeys.NAMES.contains(key);
    }

    private static BrokerConfig broker(Settings settings) {
        List<Listener> listeners = listeners(settings);
        Optional<TlsConfig> tls = tls(settings);
        for (Listener listener : listeners) {
            if (listener.transport().isEncrypted() && tls.isEmpty()) {
                throw new ConfigurationException(IConfig.JKS_PATH_PROPERTY_NAME + " is not set: the listener "
                        + listener + " needs a key store with the broker's certificate and private key");
            }
        }
        Optional<Path> passwordFile = settings.file(IConfig.PASSWORD_FILE_PROPERTY_NAME);
        return new BrokerConfig(
                "sluice-broker",
                listeners,
                settings.flag(PROXY_PROTOCOL).orElse(false),
                allowAnonymous(settings, listeners, passwordFile.isPresent(), tls),
                passwordFile,
                settings.file(IConfig.ACL_FILE_PROPERTY_NAME),
                tls,
                (int) settings.number(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, 1_000_000, 1, LARGEST_MESSAGE),
                limits(settings),
                settings.duration(IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME, WEEK, LONGEST_SESSION),
                fanout(settings),
                webSocketOrigins(settings),
                Duration.ZERO,
                buffer(settings));
    }

    private static List<Listener> listeners(Settings settings) {
        Optional<String> uris = settings.text(LISTENERS);
        if (uris.isPresent()) {
            try {
                return Arrays.stream(uris.get().split(",", -1))
                        .map(uri -> Listener.of(uri.strip()))
                        .toList();
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(LISTENERS + ": " + e.getMessage());
            }
        }
        String host = settings.text(IConfig.HOST_PROPERTY_NAME).orElse(DEFAULT_HOST);
        Optional<Integer> tcp = settings.text(IConfig.PORT_PROPERTY_NAME).isPresent()
                ? settings.port(IConfig.PORT_PROPERTY_NAME)
                : Optional.of(BrokerConstants.PORT);
        List<Listener> listeners = new ArrayList<>();
        tcp.ifPresent(port -> listeners.add(new Listener(Transport.TCP, host, port)));
        settings.port(IConfig.SSL_PORT_PROPERTY_NAME)
                .ifPresent(port -> listeners.add(new Listener(Transport.SSL, host, port)));
        settings.port(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME)
                .ifPresent(port -> listeners.add(new Listener(Transport.WS, host, port)));
        settings.port(IConfig.WSS_PORT_PROPERTY_NAME)
                .ifPresent(port -> listeners.add(new Listener(Transport.WSS, host, port)));
        if (listeners.isEmpty()) {
            throw Settings.wrong(IConfig.PORT_PROPERTY_NAME, DISABLED, "a port, as long as there is no other listener");
        }
        return listeners;
    }

    private static boolean allowAnonymous(
            Settings settings, List<Listener> listeners, boolean passwords, Optional<TlsConfig> tls) {
        Optional<Boolean> wanted = settings.flag(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME);
        if (passwords) {
            return wanted.orElse(false);
        }
        if (wanted.isPresent() && !wanted.get()) {
            throw new ConfigurationException(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME
                    + " is 'false', and lets nobody in as long as there is no password: name a "
                    + IConfig.PASSWORD_FILE_PROPERTY_NAME);
        }
        boolean certificates =
                tls.filter(config -> config.clientAuth() == ClientAuth.REQUIRED).isPresent();
        if (wanted.isEmpty()) {
            listeners.stream()
                    .filter(listener -> !listener.isLoopback()
                            && !(certificates && listener.transport().isEncrypted()))
                    .findFirst()
                    .ifPresent(open -> {
                        throw new ConfigurationException(IConfig.HOST_PROPERTY_NAME + " is '" + open.host()
                                + "', so that other machines can reach " + open
                                + ", and nothing says who may connect: name a " + IConfig.PASSWORD_FILE_PROPERTY_NAME
                                + ", or set " + IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME + " true to let everyone in");
                    });
        }
        return true;
    }

    private static Optional<TlsConfig> tls(Settings settings) {
        return settings.store(
                        IConfig.JKS_PATH_PROPERTY_NAME,
                        IConfig.KEY_STORE_TYPE,
                        IConfig.KEY_STORE_PASSWORD_PROPERTY_NAME,
                        StoreType.JKS)
                .map(keys -> {
                    boolean required = settings.flag(NEED_CLIENT_AUTH).orElse(false);
                    Optional<Store> trust =
                            settings.store(TRUSTSTORE_LOCATION, TRUSTSTORE_TYPE, TRUSTSTORE_PASSWORD, StoreType.PKCS12);
                    return new TlsConfig(
                            keys,
                            settings.text(IConfig.KEY_MANAGER_PASSWORD_PROPERTY_NAME)
                                    .map(Secret::new),
                            // As Moquette does it: what is in the key store may issue certificates.
                            trust.or(() -> Optional.of(keys).filter(store -> required)),
                            required ? ClientAuth.REQUIRED : ClientAuth.NONE);
                });
    }

    private static BrokerLimits limits(Settings settings) {
        int connections = (int) settings.number(CONNECTIONS_MAX, ConnectionLimits.defaultMax(), 1, Integer.MAX_VALUE);
        MemoryLimits memory = MemoryLimits.DEFAULT;
        return new BrokerLimits(
                new ConnectionLimits(connections, (int) settings.number(
                        CONNECTIONS_MAX_PER_ADDRESS,
                        ConnectionLimits.of(connections).maxPerAddress(),
                        1,
                        Integer.MAX_VALUE)),
                Duration.ofMillis(settings.number(
                        CONNECT_TIMEOUT, BrokerLimits.CONNECT_TIMEOUT.toMillis(), 100, Integer.MAX_VALUE)),
                Duration.ofMillis(settings.number(
                        STALL_TIMEOUT, BrokerLimits.STALL_TIMEOUT.toMillis(), 1_000, Integer.MAX_VALUE)),
                Duration.ofSeconds(settings.number(KEEP_ALIVE_MAX, 0, 0, 65_535)),
                queueLimits(settings),
                new MemoryLimits(
                        (int) settings.number(SESSION_QUEUE_MAX_MESSAGES, memory.queueMessages(), 1, Integer.MAX_VALUE),
                        settings.number(SESSION_QUEUE_MAX_BYTES, memory.queueBytes(), 1, Long.MAX_VALUE),
                        (int) settings.number(SUBSCRIPTIONS_MAX, memory.subscriptions(), 1, Integer.MAX_VALUE),
                        (int) settings.number(RETAINED_MAX_MESSAGES, memory.retainedMessages(), 0, Integer.MAX_VALUE),
                        settings.number(RETAINED_MAX_BYTES, memory.retainedBytes(), 0, Long.MAX_VALUE),
                        memory.storedBytes()));
    }

    private static QueueLimits queueLimits(Settings settings) {
        QueueLimits byDefault = QueueLimits.defaults();
        return new QueueLimits(
                settings.number(QUEUED_MAX_BYTES, byDefault.maxBytes(), 1 << 16, Long.MAX_VALUE),
                settings.number(
                        CONNECTION_QUEUED_MAX_BYTES, byDefault.maxBytesPerConnection(), 1 << 16, Long.MAX_VALUE));
    }

    private static List<WebSocketOrigin> webSocketOrigins(Settings settings) {
        try {
            return settings.text(WEBSOCKET_ORIGINS).stream()
                    .flatMap(list -> Arrays.stream(list.split(",", -1)))
                    .map(origin -> WebSocketOrigin.of(origin.strip()))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(WEBSOCKET_ORIGINS + ": " + e.getMessage());
        }
    }

    /** Whether messages go on to MQTT subscribers. */
    static boolean fanout(Settings settings) {
        return settings.flag(FANOUT).orElse(true);
    }

    /** The buffer. */
    static BufferConfig buffer(Settings settings) {
        boolean onDisk = settings.choice(STORAGE, Storage.class, Storage.DISK) == Storage.DISK;
        Optional<Path> dir = settings.path(BUFFER_DIR).filter(path -> onDisk);
        if (onDisk && dir.isEmpty()) {
            throw new ConfigurationException(BUFFER_DIR + " is not set: name a folder for this broker alone, such as"
                    + " /var/lib/sluice, or set " + STORAGE + " memory");
        }
        long segmentBytes = settings.number(SEGMENT_BYTES, 1 << 26, 1 << 16, 1 << 30);
        BufferConfig config = new BufferConfig(
                dir,
                settings.number(MAX_BYTES, 1L << 30, 2 * segmentBytes, Long.MAX_VALUE),
                settings.choice(OVERFLOW, Overflow.class, Overflow.BLOCK),
                (int) segmentBytes,
                Duration.ofMillis(settings.number(RETENTION, 0, 0, Long.MAX_VALUE)),
                Duration.ofMillis(settings.number(CONSUMER_EXPIRY, WEEK.toMillis(), 0, Long.MAX_VALUE)));
        // Unlike the buffer of a worker, a folder here stays where it is while tasks move.
        return config.acknowledgingUnattached(
                settings.flag(ACKNOWLEDGE_UNATTACHED).orElse(onDisk));
    }
}
