package io.sluice.connect.config;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.door.Listener;
import io.sluice.broker.door.WebSocketOrigin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/**
 * The broker: where it listens and whom it lets in.
 *
 * <p>Safe by default: a broker that other machines can reach lets nobody in without a password unless its user says so.
 */
final class BrokerGroup {

    static final String NAME = "Broker";

    static final String MODE = "broker.mode";
    static final String LISTENERS = "broker.listeners";
    static final String BROKER_NAME = "broker.name";
    static final String LINGER = "broker.linger.ms";
    static final String ALLOW_ANONYMOUS = "broker.allow.anonymous";
    static final String PASSWORD_FILE = "broker.password.file";
    static final String ACL_FILE = "broker.acl.file";
    static final String MAX_MESSAGE_BYTES = "broker.max.message.bytes";
    static final String SESSION_EXPIRY = "broker.session.expiry.ms";
    static final String WEBSOCKET_ORIGINS = "broker.websocket.origins";
    static final String FANOUT = "broker.fanout";
    static final String PROXY_PROTOCOL = "broker.proxy.protocol";

    private static final String MODE_DOC =
            "Where the broker runs. `embedded`: in this worker, with the task. `remote`: elsewhere, as standalone"
                    + " brokers; the tasks drain their buffers from `buffer.endpoints`.";
    private static final String LISTENERS_DOC =
            "Where the broker listens, as comma-separated URIs such as `tcp://0.0.0.0:1883,ws://0.0.0.0:8083`: `tcp`,"
                    + " `ssl`, `ws` or `wss`, each as often as needed and on any host. Port 0 takes a free one, which the"
                    + " log names.";
    private static final String BROKER_NAME_DOC =
            "Connectors of one worker that name the same broker share it, its listeners and its buffer. As long as one"
                    + " of them is attached, another one must configure the broker in the same way. With"
                    + " `broker.mode=remote` it is only what envelopes call the broker.";
    private static final String LINGER_DOC =
            "How long the listeners stay open after the last task has left, in milliseconds, so that a restart or a"
                    + " rebalance does not disconnect every device.";
    private static final String ALLOW_ANONYMOUS_DOC =
            "Whether devices may connect without a user name. Unset: only if every listener is on the loopback"
                    + " interface, or lets in only devices with a trusted certificate, and there is no password file. A"
                    + " listener elsewhere needs a password file, required client certificates, or `true` here.";
    private static final String PASSWORD_FILE_DOC =
            "File of user names and SHA-256 password hashes, in Moquette's format: a line `user:hash` for each. A"
                    + " missing or broken file is an error.";
    private static final String ACL_FILE_DOC =
            "File that says who may publish and subscribe to which topics, in Moquette's format. A missing or broken"
                    + " file is an error.";
    private static final String MAX_MESSAGE_BYTES_DOC =
            "The largest message the broker takes, in bytes; a larger publish is refused.";
    private static final String SESSION_EXPIRY_DOC =
            "How long the broker keeps the session of a device that is not connected, in milliseconds. 136"
                    + " years or more: for ever.";
    private static final String PROXY_PROTOCOL_DOC =
            "Whether a load balancer in front of the listeners sends a header of the PROXY protocol (version 1 or 2) on"
                    + " every connection, so that the broker knows where devices come from. A connection without one is"
                    + " closed.";
    private static final String FANOUT_DOC =
            "Whether messages are routed to MQTT subscribers too. `false`: they are captured and acknowledged, and"
                    + " subscribers receive nothing.";

    private static final String WEBSOCKET_ORIGINS_DOC =
            "Whose pages a browser may show when it opens a WebSocket to the broker, besides those of the broker's own"
                    + " host: comma-separated origins such as `https://example.com`, or `*` for any. Clients that are no"
                    + " browsers send no origin and are not concerned.";

    /** Where the broker runs. */
    private enum Mode {
        EMBEDDED,
        REMOTE
    }

    private static final Choice<Mode> MODES = Choice.of(Mode.class, '.');

    private final AbstractConfig values;
    private final TlsGroup tls;
    private final LimitsGroup limits;
    private final BufferGroup buffer;

    BrokerGroup(AbstractConfig values, TlsGroup tls, LimitsGroup limits, BufferGroup buffer) {
        this.values = values;
        this.tls = tls;
        this.limits = limits;
        this.buffer = buffer;
    }

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .define(
                        MODE,
                        ConfigDef.Type.STRING,
                        MODES.word(Mode.EMBEDDED),
                        MODES,
                        Importance.MEDIUM,
                        MODE_DOC,
                        "Mode")
                .define(
                        BROKER_NAME,
                        ConfigDef.Type.STRING,
                        "default",
                        new ConfigDef.NonEmptyString(),
                        Importance.MEDIUM,
                        BROKER_NAME_DOC,
                        "Name")
                .shownWhen(BrokerGroup::isEmbeddedChosen)
                .define(
                        LISTENERS,
                        ConfigDef.Type.LIST,
                        "tcp://127.0.0.1:1883",
                        Syntax.of("URIs such as tcp://127.0.0.1:1883", Listener::of),
                        Importance.HIGH,
                        LISTENERS_DOC,
                        "Listeners")
                .define(
                        LINGER,
                        ConfigDef.Type.LONG,
                        30_000L,
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        LINGER_DOC,
                        "Linger")
                .define(
                        ALLOW_ANONYMOUS,
                        ConfigDef.Type.BOOLEAN,
                        null,
                        null,
                        Importance.HIGH,
                        ALLOW_ANONYMOUS_DOC,
                        "Allow anonymous")
                .define(
                        PASSWORD_FILE,
                        ConfigDef.Type.STRING,
                        null,
                        Syntax.FILE,
                        Importance.HIGH,
                        PASSWORD_FILE_DOC,
                        "Password file")
                .define(ACL_FILE, ConfigDef.Type.STRING, null, Syntax.FILE, Importance.MEDIUM, ACL_FILE_DOC, "ACL file")
                .define(
                        MAX_MESSAGE_BYTES,
                        ConfigDef.Type.INT,
                        1_000_000,
                        ConfigDef.Range.between(1, 268_435_455),
                        Importance.MEDIUM,
                        MAX_MESSAGE_BYTES_DOC,
                        "Largest message")
                .define(
                        SESSION_EXPIRY,
                        ConfigDef.Type.LONG,
                        Duration.ofDays(7).toMillis(),
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        SESSION_EXPIRY_DOC,
                        "Session expiry")
                .define(
                        PROXY_PROTOCOL,
                        ConfigDef.Type.BOOLEAN,
                        false,
                        null,
                        Importance.LOW,
                        PROXY_PROTOCOL_DOC,
                        "PROXY protocol")
                .define(FANOUT, ConfigDef.Type.BOOLEAN, true, null, Importance.LOW, FANOUT_DOC, "Route to subscribers")
                .define(
                        WEBSOCKET_ORIGINS,
                        ConfigDef.Type.LIST,
                        null,
                        Syntax.of("origins such as https://example.com, or *", WebSocketOrigin::of),
                        Importance.LOW,
                        WEBSOCKET_ORIGINS_DOC,
                        "WebSocket origins",
                        Shown.when(values -> hasListener(
                                values,
                                transport ->
                                        transport == Listener.Transport.WS || transport == Listener.Transport.WSS)));
    }

    /** Whether there is a listener of some kind among values that may be wrong. */
    static boolean hasListener(Map<String, Object> values, Predicate<Listener.Transport> kind) {
        return isEmbeddedChosen(values)
                && values.get(LISTENERS) instanceof List<?> listeners
                && Arrays.stream(Listener.Transport.values())
                        .filter(kind)
                        .anyMatch(transport -> listeners.stream()
                                .anyMatch(uri -> uri.toString().startsWith(transport + ":")));
    }

    /** Whether a configuration, checked or not, drains brokers that run elsewhere. */
    static boolean isRemote(Map<String, String> properties) {
        return MODES.means(properties.getOrDefault(MODE, ""), Mode.REMOTE);
    }

    /** Whether the broker runs in the worker, as far as values say that may be wrong. */
    static boolean isEmbeddedChosen(Map<String, Object> values) {
        return !(values.get(MODE) instanceof String word && MODES.means(word, Mode.REMOTE));
    }

    boolean isRemote() {
        return MODES.constant(values.getString(MODE)) == Mode.REMOTE;
    }

    static void validate(CheckedValues values) {
        List<Listener> listeners =
                values.list(LISTENERS).stream().map(Listener::of).toList();
        listeners.stream()
                .filter(listener -> listener.transport().isEncrypted())
                .filter(listener -> values.isAbsent(TlsGroup.KEY_STORE.location()))
                .findFirst()
                .ifPresent(encrypted -> values.refuse(
                        TlsGroup.KEY_STORE.location(),
                        TlsGroup.KEY_STORE.location() + " is not set: the listener " + encrypted
                                + " needs a key store with the broker's certificate and private key."));
        if (values.isAbsent(PASSWORD_FILE)) {
            validateWithoutPasswords(values, listeners);
        }
    }

    private static void validateWithoutPasswords(CheckedValues values, List<Listener> listeners) {
        Optional<Boolean> allowAnonymous = values.flag(ALLOW_ANONYMOUS);
        if (allowAnonymous.isEmpty() && values.isAbsent(ALLOW_ANONYMOUS)) {
            boolean certificates = TlsGroup.requiresCertificates(values);
            listeners.stream()
                    .filter(listener -> !isGuarded(listener, certificates))
                    .findFirst()
                    .ifPresent(open -> values.refuse(
                            LISTENERS,
                            LISTENERS + " has " + open + ", which other machines can reach, and nothing says who may"
                                    + " connect: name a " + PASSWORD_FILE + ", or set " + ALLOW_ANONYMOUS
                                    + "=true to let everyone in."));
        } else if (allowAnonymous.isPresent() && !allowAnonymous.get()) {
            values.refuse(
                    ALLOW_ANONYMOUS,
                    ALLOW_ANONYMOUS + "=false lets nobody in as long as there is no password: name a " + PASSWORD_FILE
                            + ".");
        }
    }

    /** Whether strangers on other machines are kept out without passwords. */
    private static boolean isGuarded(Listener listener, boolean certificates) {
        return listener.isLoopback() || (certificates && listener.transport().isEncrypted());
    }

    BrokerConfig broker() {
        List<Listener> listeners =
                values.getList(LISTENERS).stream().map(Listener::of).toList();
        Optional<Path> passwordFile = path(PASSWORD_FILE);
        boolean allowAnonymous = Optional.ofNullable(values.getBoolean(ALLOW_ANONYMOUS))
                .orElseGet(() -> passwordFile.isEmpty()
                        && listeners.stream().allMatch(listener -> isGuarded(listener, tls.requiresCertificates())));
        return new BrokerConfig(
                values.getString(BROKER_NAME),
                listeners,
                values.getBoolean(PROXY_PROTOCOL),
                allowAnonymous,
                passwordFile,
                path(ACL_FILE),
                tls.tls(),
                values.getInt(MAX_MESSAGE_BYTES),
                limits.limits(),
                Duration.ofMillis(values.getLong(SESSION_EXPIRY)),
                values.getBoolean(FANOUT),
                Optional.ofNullable(values.getList(WEBSOCKET_ORIGINS)).orElse(List.of()).stream()
                        .map(WebSocketOrigin::of)
                        .toList(),
                Duration.ofMillis(values.getLong(LINGER)),
                buffer.buffer());
    }

    private Optional<Path> path(String key) {
        return Optional.ofNullable(values.getString(key)).map(Path::of);
    }
}
