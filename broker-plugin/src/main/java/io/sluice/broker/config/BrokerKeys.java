package io.sluice.broker.config;

import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.ClientIdPattern;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.access.PrincipalRules;
import io.sluice.broker.config.Key.Importance;
import io.sluice.broker.config.KeyType.Choice;
import io.sluice.broker.config.KeyType.Flag;
import io.sluice.broker.config.KeyType.Items;
import io.sluice.broker.config.KeyType.Location;
import io.sluice.broker.config.KeyType.Whole;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import io.sluice.buffer.Overflow;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of the keys that every broker has, in a worker or standalone. */
public final class BrokerKeys {

    /** Where devices connect, and who may. */
    public static final String BROKER = "Broker";

    public static final String LIMITS = "Broker limits";

    public static final String TLS = "Broker TLS";

    /** Where messages are kept until Kafka has them. */
    public static final String BUFFER = "Buffer";

    /** Each key below puts itself here. */
    private static final List<Key<?>> ALL = new ArrayList<>();

    public enum Storage {
        DISK,
        MEMORY
    }

    public static final Key<List<Listener>> LISTENERS = broker(
            "broker.listeners",
            "Listeners",
            Importance.HIGH,
            new Items<>("URIs such as tcp://127.0.0.1:1883", Listener::of),
            Optional.of(List.of(Listener.of("tcp://127.0.0.1:1883"))),
            "Addresses at which the broker listens, as comma-separated URIs such as"
                    + " `tcp://0.0.0.0:1883,ws://0.0.0.0:8083`, with `tcp`, `ssl`, `ws` or `wss`. With port 0 the"
                    + " broker takes a free port, and logs it.");

    public static final Key<Boolean> ALLOW_ANONYMOUS = broker(
            "broker.allow.anonymous",
            "Allow anonymous",
            Importance.HIGH,
            new Flag(),
            Optional.empty(),
            "Whether devices may connect without a user name. Unset: only if there is neither a password file nor"
                    + " `broker.jwt.jwks`, and every listener is on the loopback interface or requires client"
                    + " certificates. A listener that other machines can reach, through a load balancer that sends the"
                    + " PROXY protocol too, needs a password file, tokens, required client certificates, or `true`"
                    + " here.");

    public static final Key<Path> PASSWORD_FILE = broker(
            "broker.password.file",
            "Password file",
            Importance.HIGH,
            Location.FILE,
            Optional.empty(),
            "File with a line `user:hash` for each user. `mosquitto_passwd` writes the hash (`$7$`, `$6$`), or it is"
                    + " bcrypt (`$2a$`, `$2b$`, `$2y$`), or, as in Moquette, SHA-256 in hexadecimal digits, of which"
                    + " the broker warns. The broker does not start if the file is missing or broken.");

    public static final Key<JwtConfig.Keys> JWT_KEYS = broker(
            "broker.jwt.jwks",
            "Keys of tokens",
            Importance.MEDIUM,
            new KeyType.Parsed<>("path of a file, or an https URL", JwtConfig.Keys::new),
            Optional.empty(),
            "Public keys of the issuers of tokens (JWT), which devices may send in place of a password: a file with a"
                    + " JWK set, or its https URL, from which the broker fetches keys when it needs them. If it is set,"
                    + " the broker accepts tokens signed with RSA or EC keys as well as passwords, and disconnects a"
                    + " device when its token expires. MQTT 5 devices may also show one in enhanced authentication,"
                    + " with the method `OAUTH2-JWT`, and another (AUTH) before it expires.");

    public static final Key<String> JWT_ISSUER = jwt(
            "broker.jwt.issuer",
            "Issuer of tokens",
            "The issuer that a token must have (`iss`). Unset: any issuer that has one of the keys.");

    public static final Key<String> JWT_AUDIENCE = jwt(
            "broker.jwt.audience",
            "Audience of tokens",
            "The audience that a token must have (`aud`). Unset: the broker accepts any token that is signed with one"
                    + " of the keys, even one for another service.");

    public static final Key<String> JWT_USERNAME = broker(
            "broker.jwt.claim.username",
            "Claim of the user name",
            Importance.LOW,
            new KeyType.Text(),
            Optional.of("sub"),
            "The claim of a token that is the user name. If a device sends a user name, it must be the same.");

    public static final Key<String> JWT_PUBLISH = jwt(
            "broker.jwt.claim.publish",
            "Claim of topics to publish to",
            "The claim of a token that lists the topic filters to which its holder may publish; `broker.acl.file` must"
                    + " allow them too. A token without this claim gives no right to publish. Unset: the access rules"
                    + " alone decide.");

    public static final Key<String> JWT_SUBSCRIBE =
            jwt("broker.jwt.claim.subscribe", "Claim of topics to subscribe to", "The same for subscriptions.");

    public static final Key<Path> ACL_FILE = broker(
            "broker.acl.file",
            "ACL file",
            Importance.MEDIUM,
            Location.FILE,
            Optional.empty(),
            "File of access rules: who may publish and subscribe to which topics, in mosquitto's format, with roles."
                    + " Unset: every client may publish and subscribe to every topic. The broker does not start if the"
                    + " file is missing or broken.");

    public static final Key<ClientIdPattern> CLIENT_ID_PATTERN = broker(
            "broker.client.id.pattern",
            "Client ids of a user",
            Importance.LOW,
            new KeyType.Parsed<>("a regular expression such as {username}-.*", ClientIdPattern::new),
            Optional.empty(),
            "The client ids that a user may take: a regular expression in which `{username}` stands for the user name,"
                    + " such as `{username}-.*`; `.*`: any. Unset: where user names are checked, a session belongs to"
                    + " the user who made it, and no other user may take its client id while it lasts.");

    public static final Key<Long> MAX_MESSAGE_BYTES = broker(
            "broker.max.message.bytes",
            "Largest message",
            Importance.MEDIUM,
            new Whole(1, 268_435_455),
            Optional.of(1_000_000L),
            "The largest message, in bytes. The broker refuses a larger publish.");

    public static final Key<Long> SESSION_EXPIRY = broker(
            "broker.session.expiry.ms",
            "Session expiry",
            Importance.LOW,
            new Whole(0, Long.MAX_VALUE),
            Optional.of(Duration.ofDays(7).toMillis()),
            "How long the broker keeps the session of a device that is not connected, in milliseconds. 136 years or"
                    + " more: forever.");

    public static final Key<Boolean> PROXY_PROTOCOL = broker(
            "broker.proxy.protocol",
            "PROXY protocol",
            Importance.LOW,
            new Flag(),
            Optional.of(false),
            "Whether a load balancer in front of the listeners sends a header of the PROXY protocol (version 1 or 2) on"
                    + " every connection, so that the broker knows the addresses of devices. The broker closes a"
                    + " connection without one.");

    public static final Key<Boolean> FANOUT = broker(
            "broker.fanout",
            "Route to subscribers",
            Importance.LOW,
            new Flag(),
            Optional.of(true),
            "Whether the broker also routes messages to MQTT subscribers. `false`: it captures and acknowledges"
                    + " messages, and subscribers receive nothing.");

    public static final Key<List<WebSocketOrigin>> WEBSOCKET_ORIGINS = broker(
            "broker.websocket.origins",
            "WebSocket origins",
            Importance.LOW,
            new Items<>("origins such as https://example.com, or *", WebSocketOrigin::of),
            Optional.empty(),
            "Origins whose web pages may open a WebSocket to the broker, comma-separated, such as"
                    + " `https://example.com`, or `*` for any. Pages of the broker's own host may always do so, if the"
                    + " browser reaches it over TLS or by its address. Clients other than browsers send no origin, and"
                    + " may always connect.");

    public static final Key<Long> CONNECTIONS_MAX = limit(
            "broker.connections.max",
            "Most connections",
            new Whole(1, Integer.MAX_VALUE),
            "The most connections. For a further one, the broker closes one on which nobody has logged in for two seconds;"
                    + " if there is none, it closes the further one. Unset: one for each 16 KiB of the heap, at least"
                    + " 1,000.");

    public static final Key<Long> CONNECTIONS_MAX_PER_ADDRESS = limit(
            "broker.connections.max.per.address",
            "Most connections from one address",
            new Whole(1, Integer.MAX_VALUE),
            "The most connections from one address. Unset: half of `broker.connections.max`. Behind a load balancer,"
                    + " set `broker.proxy.protocol`, or this as high as `broker.connections.max`.");

    public static final Key<Long> CONNECTS = limit(
            "broker.connect.rate.max",
            "Connects a second",
            new Whole(1, 1_000_000),
            ConnectRates.DEFAULT.all(),
            "The most connections that the listeners accept a second. Further ones wait in the operating system's"
                    + " queue.");

    public static final Key<Long> ADDRESS_CONNECTS = limit(
            "broker.connect.rate.max.per.address",
            "Connects a second from one address",
            new Whole(1, 1_000_000),
            ConnectRates.DEFAULT.address(),
            "The most connections a second from one address; the broker closes further ones at once. IPv6 addresses in"
                    + " the same /64 network count as one. Behind a load balancer, set `broker.proxy.protocol`, or this"
                    + " as high as `broker.connect.rate.max`.");

    public static final Key<Long> CLIENT_CONNECTS = limit(
            "broker.client.connects.max.per.minute",
            "Connects a minute of one client",
            new Whole(1, 1_000_000),
            ConnectRates.DEFAULT.client(),
            "How often a client may connect a minute. The broker refuses a client that connects more often for a minute"
                    + " (MQTT 5 reason 0x9F, MQTT 3 return code 3). User name and client id together identify a"
                    + " client.");

    public static final Key<Long> LOGIN_DELAY = limit(
            "broker.login.delay.max.ms",
            "Longest delay of a login",
            new Whole(0, 60_000),
            RateLimits.LOGIN_DELAY.toMillis(),
            "How long a login waits at most before the broker checks its password, in milliseconds. After five wrong"
                    + " passwords from its address or for its user name, a login waits a quarter of a second, and twice"
                    + " as long with each further one. The broker forgets one wrong password a minute. Nobody is locked"
                    + " out, and a user who has logged in from an address before does not wait there. 0: no login"
                    + " waits.");

    public static final Key<Long> CONNECT_TIMEOUT = limit(
            "broker.connect.timeout.ms",
            "Time to connect",
            new Whole(100, Integer.MAX_VALUE),
            Duration.ofSeconds(10).toMillis(),
            "How long a connection may take to send its whole CONNECT, in milliseconds, with the handshakes of TLS and"
                    + " WebSocket before it. Then the check of its password, token or certificate may take as long again, besides"
                    + " the delay of `broker.login.delay.max.ms`; a device that is still not let in is told that the"
                    + " broker is busy (MQTT 5 reason 0x89, MQTT 3 return code 3).");

    public static final Key<Long> STALL_TIMEOUT = limit(
            "broker.stall.timeout.ms",
            "Time to read",
            new Whole(1_000, Integer.MAX_VALUE),
            Duration.ofSeconds(30).toMillis(),
            "How long a client may read nothing while data waits for it, in milliseconds. Then the broker disconnects"
                    + " it. Until then the broker does not read from it either.");

    public static final Key<Long> KEEP_ALIVE_MAX = limit(
            "broker.keep.alive.max.seconds",
            "Longest keep-alive",
            new Whole(0, 65_535),
            0,
            "The longest keep-alive of an MQTT 5 client, in seconds: the broker tells a client that asks for a longer"
                    + " one, or for none, to use this one. 0: the client decides.");

    public static final Key<Long> SESSIONS_MAX = limit(
            "broker.sessions.max",
            "Most sessions",
            new Whole(1, Integer.MAX_VALUE),
            "The most sessions that outlive their connections, whether their clients are connected or not. The broker"
                    + " refuses a client that wants another one (MQTT 5 reason 0x97, MQTT 3 return code 3). Unset: one"
                    + " for each 8 KiB of the heap, at least 1,000.");

    public static final Key<Long> SESSION_QUEUE_MAX_MESSAGES = limit(
            "broker.session.queue.max.messages",
            "Most messages queued for a subscriber",
            new Whole(1, Integer.MAX_VALUE),
            SessionLimits.DEFAULT.queueMessages(),
            "The most messages that wait for a subscriber that is away or slow; the broker drops the oldest.");

    public static final Key<Long> SESSION_QUEUE_MAX_BYTES = limit(
            "broker.session.queue.max.bytes",
            "Most bytes queued for a subscriber",
            new Whole(1, Long.MAX_VALUE),
            SessionLimits.DEFAULT.queueBytes(),
            "The same in bytes. Messages for subscribers whose sessions end with their connections are in the heap, and take"
                    + " an eighth of it in all, at least 16 MiB: beyond that, the broker drops the oldest messages of the"
                    + " largest queues.");

    public static final Key<Long> SUBSCRIPTIONS_MAX = limit(
            "broker.session.subscriptions.max",
            "Most subscriptions of a client",
            new Whole(1, Integer.MAX_VALUE),
            SessionLimits.DEFAULT.subscriptions(),
            "The most subscriptions of a client; the broker refuses further ones (MQTT 5 reason 0x97).");

    public static final Key<Long> ALL_SUBSCRIPTIONS_MAX = limit(
            "broker.subscriptions.max",
            "Most subscriptions",
            new Whole(1, Integer.MAX_VALUE),
            "The most subscriptions of all clients together; the broker refuses further ones (MQTT 5 reason 0x97)."
                    + " Unset: one for each 4 KiB of the heap, at least 10,000.");

    public static final Key<Long> RETAINED_MAX_MESSAGES = limit(
            "broker.retained.max.messages",
            "Most retained messages",
            new Whole(0, Integer.MAX_VALUE),
            SessionLimits.DEFAULT.retainedMessages(),
            "The most retained messages, over all topics. The broker refuses a further one (MQTT 5 reason 0x97, QoS 1"
                    + " and 2), or captures it without retaining it.");

    public static final Key<Long> RETAINED_MAX_BYTES = limit(
            "broker.retained.max.bytes",
            "Most bytes retained",
            new Whole(0, Long.MAX_VALUE),
            SessionLimits.DEFAULT.retainedBytes(),
            "The same in bytes.");

    public static final Key<Long> QUEUED_MAX_BYTES = limit(
            "broker.queued.max.bytes",
            "Most bytes queued",
            new Whole(1 << 16, Long.MAX_VALUE),
            "The most bytes from devices that may wait in memory, over all connections: for free space in a full"
                    + " buffer, or for MQTT subscribers. Above it, the broker stops reading connections that have much"
                    + " waiting, until there is space. Unset: an eighth of the heap, at least 16 MiB.");

    public static final Key<Long> CONNECTION_QUEUED_MAX_BYTES = limit(
            "broker.connection.queued.max.bytes",
            "Most bytes queued by one connection",
            new Whole(1 << 16, Long.MAX_VALUE),
            1 << 20,
            "The same for one connection, in bytes: the broker stops reading it until less waits.");

    public static final Key<Long> CLIENT_PUBLISHES = limit(
            "broker.publish.rate.max.per.client",
            "Messages a second from one client",
            new Whole(1, Integer.MAX_VALUE),
            "The most messages a second that a client may publish, on average; a burst may have as many at once. The"
                    + " broker reads a faster client more slowly and acknowledges it later, so no message is lost. A"
                    + " new connection may not begin with a burst. Unset: no limit.");

    public static final Key<Long> CLIENT_BYTES = limit(
            "broker.publish.bytes.rate.max.per.client",
            "Bytes a second from one client",
            new Whole(1, Long.MAX_VALUE),
            "The same in bytes of topics and payloads.");

    public static final Key<Long> USER_PUBLISHES = limit(
            "broker.publish.rate.max.per.user",
            "Messages a second from one user",
            new Whole(1, Integer.MAX_VALUE),
            "The same for all clients of one user name together. It does not apply to clients without a user name."
                    + " Unset: no limit.");

    public static final Key<Long> USER_BYTES = limit(
            "broker.publish.bytes.rate.max.per.user",
            "Bytes a second from one user",
            new Whole(1, Long.MAX_VALUE),
            "The same in bytes of topics and payloads.");

    public static final Key<Long> PUBLISHES = limit(
            "broker.publish.rate.max",
            "Messages a second",
            new Whole(1, Integer.MAX_VALUE),
            "The same for all clients together; clients that wait take turns. Unset: no limit.");

    public static final Key<Long> BYTES = limit(
            "broker.publish.bytes.rate.max",
            "Bytes a second",
            new Whole(1, Long.MAX_VALUE),
            "The same in bytes of topics and payloads.");

    public static final Key<PublishRates.Excess> PUBLISH_EXCESS = limit(
            "broker.publish.rate.exceeded",
            "Publishes above a rate",
            Importance.LOW,
            new Choice<>(PublishRates.Excess.class),
            Optional.of(PublishRates.Excess.WAIT),
            "What happens to publishes above one of these rates. `wait`: they wait and are acknowledged later; none is lost."
                    + " `refuse`: MQTT 5 clients are told at once (reason 0x97, QoS 1 and 2), until it is their turn again; most"
                    + " libraries then drop the message. Publishes of QoS 0, of MQTT 3, and those that are sent again wait"
                    + " in any case. Clients that share a rate take turns, both those that wait and those that are refused. A client"
                    + " that publishes too seldom to use its turn is not refused again: its next publish waits.");

    public static final StoreKeys KEY_STORE = listed(StoreKeys.keyStore(
            "broker.ssl",
            TLS,
            Importance.HIGH,
            "File of the broker's certificate and private key, required by `ssl` and `wss` listeners. The broker reads"
                    + " it again when it changes, so you can renew a certificate without closing a connection. If there"
                    + " are several certificates for one key algorithm, a device gets the one for the name that it asks"
                    + " for (SNI)."));

    public static final Key<Secret> KEY_PASSWORD = listed(StoreKeys.keyPassword("broker.ssl", TLS));

    public static final StoreKeys TRUST_STORE = listed(StoreKeys.trustStore(
            "broker.ssl",
            TLS,
            Importance.MEDIUM,
            "File with the certificates of those who issue client certificates. Required if client certificates are."
                    + " Unset: those that the JVM trusts."));

    public static final Key<ClientAuth> CLIENT_AUTH = tls(
            "broker.ssl.client.auth",
            "Client certificates",
            Importance.MEDIUM,
            new Choice<>(ClientAuth.class),
            Optional.of(ClientAuth.NONE),
            "Whether devices show a certificate. `required`: the broker refuses devices without a trusted one."
                    + " `requested`: the broker checks one that a device shows. `none`: the broker does not ask for"
                    + " one.");

    public static final Key<Path> REVOCATION_LISTS = tls(
            "broker.ssl.crl.location",
            "Revocation lists",
            Importance.MEDIUM,
            Location.STORE,
            Optional.empty(),
            "File of the revocation lists (CRL) of those who issue client certificates, as PEM or DER, or a folder of such"
                    + " files; it is read again when it changes. Set: a device is not let in if its certificate is in a"
                    + " list, or if the list of an issuer is missing or out of date.");

    public static final Key<Revocation.Ocsp> OCSP = tls(
            "broker.ssl.ocsp",
            "Ask for revocation",
            Importance.MEDIUM,
            new Choice<>(Revocation.Ocsp.class),
            Optional.of(Revocation.Ocsp.NONE),
            "Whether the broker asks, each time that a device connects, the responder (OCSP) named in its certificate"
                    + " whether the certificate is revoked. `required`: a device whose certificate cannot be checked is"
                    + " not let in. `soft`: it is. With `broker.ssl.crl.location`, the responder is asked where the lists say nothing."
                    + " For each certificate below the root, the JVM waits 15 s for a connection to the responder and"
                    + " 15 s for its answer, or as long as `-Dcom.sun.security.ocsp.timeout` says, in seconds: set that to less"
                    + " than `broker.connect.timeout.ms` divided by twice the number of certificates below the root.");

    public static final Key<CertificateNames.Source> PRINCIPAL = tls(
            "broker.ssl.principal",
            "User name from certificate",
            Importance.MEDIUM,
            new Choice<>(CertificateNames.Source.class),
            Optional.of(CertificateNames.Source.NONE),
            "Which name of a device's certificate is its user name: `cn`, the common name; `subject`, all of the"
                    + " subject; `san.dns`, `san.email` or `san.uri`, the first such alternative name; `none`: a"
                    + " certificate lets a device connect, and does not name its user. With a name, a device with a"
                    + " certificate needs no password and may send no other user name; the broker refuses it if its"
                    + " certificate has no such name.");

    public static final Key<PrincipalRules> PRINCIPAL_RULES = tls(
            "broker.ssl.principal.mapping.rules",
            "Rules for that name",
            Importance.LOW,
            new KeyType.Parsed<>("rules such as RULE:^CN=(.*?),.*$/$1/L, or DEFAULT", PrincipalRules::of),
            Optional.of(PrincipalRules.DEFAULT),
            "Rules that map that name to the user name, as Kafka's `ssl.principal.mapping.rules` does: comma-separated"
                    + " rules, of which the first decides whose pattern matches the whole name. `DEFAULT`: the name as"
                    + " it is. The broker refuses a certificate that no rule matches.");

    public static final TlsProtocolKeys TERMS = listed(TlsProtocolKeys.of("broker.ssl", TLS));

    public static final Key<Storage> STORAGE = buffer(
            "buffer.storage",
            "Storage",
            Importance.HIGH,
            new Choice<>(Storage.class),
            Optional.of(Storage.DISK),
            "`disk`: messages survive a crash of the process. `memory`: they survive a slow or absent Kafka only.");

    public static final Key<Path> DIR = buffer(
            "buffer.dir",
            "Folder",
            Importance.HIGH,
            Location.FOLDER,
            Optional.empty(),
            "Folder of the buffer and of the MQTT sessions, required with `buffer.storage=disk`. The broker creates it"
                    + " if it does not exist, and locks it against a second process. It must be the same folder"
                    + " whenever the broker starts: on a disk of its machine, or on a volume that follows it.");

    public static final Key<Long> MAX_BYTES = buffer(
            "buffer.max.bytes",
            "Largest size",
            Importance.HIGH,
            new Whole(1, Long.MAX_VALUE),
            Optional.of(1L << 30),
            "The size of the buffer, in bytes, at which `buffer.overflow` applies; at least two segments.");

    public static final Key<Overflow> OVERFLOW = buffer(
            "buffer.overflow",
            "When full",
            Importance.HIGH,
            new Choice<>(Overflow.class),
            Optional.of(Overflow.BLOCK),
            "What happens to messages when the buffer is full. `block`: they wait, and the broker does not acknowledge"
                    + " them meanwhile. `reject`: the broker refuses them (MQTT 5: reason 0x97; MQTT 3: it closes the"
                    + " connection). `drop.newest`: the broker drops and counts them. `drop.oldest`: the broker drops"
                    + " and counts the oldest messages.");

    public static final Key<Long> SEGMENT_BYTES = buffer(
            "buffer.segment.bytes",
            "Segment size",
            Importance.LOW,
            new Whole(1 << 16, 1 << 30),
            Optional.of(1L << 26),
            "The size of the buffer's files, in bytes. The broker deletes delivered messages one file at a time.");

    public static final Key<Long> RETENTION = buffer(
            "buffer.retention.ms",
            "Retention",
            Importance.MEDIUM,
            new Whole(0, Long.MAX_VALUE),
            Optional.of(0L),
            "How long the buffer keeps delivered messages for replay, in milliseconds. They go earlier where new"
                    + " messages need the space: when less than two segments, or less than a sixteenth of"
                    + " `buffer.max.bytes`, is free. So a buffer of two segments keeps none.");

    public static final Key<Long> CONSUMER_EXPIRY = buffer(
            "buffer.consumer.expiry.ms",
            "Consumer expiry",
            Importance.LOW,
            new Whole(0, Long.MAX_VALUE),
            Optional.of(Duration.ofDays(7).toMillis()),
            "How long the buffer keeps messages for a connector that is not attached, in milliseconds; only time in"
                    + " which the buffer is open counts. After that, it counts the messages that the connector misses."
                    + " 0: forever.");

    private BrokerKeys() {}

    /** All of them, in the order in which they are shown. */
    public static List<Key<?>> all() {
        return List.copyOf(ALL);
    }

    private static <T> Key<T> broker(
            String name, String title, Importance importance, KeyType<T> type, Optional<T> byDefault, String text) {
        return listed(new Key<>(name, BROKER, title, importance, type, byDefault, text));
    }

    private static Key<String> jwt(String name, String title, String text) {
        return broker(name, title, Importance.LOW, new KeyType.Text(), Optional.empty(), text);
    }

    private static <T> Key<T> limit(
            String name, String title, Importance importance, KeyType<T> type, Optional<T> byDefault, String text) {
        return listed(new Key<>(name, LIMITS, title, importance, type, byDefault, text));
    }

    private static Key<Long> limit(String name, String title, Whole range, String text) {
        return limit(name, title, Importance.LOW, range, Optional.empty(), text);
    }

    private static Key<Long> limit(String name, String title, Whole range, long byDefault, String text) {
        return limit(name, title, Importance.LOW, range, Optional.of(byDefault), text);
    }

    private static <T> Key<T> tls(
            String name, String title, Importance importance, KeyType<T> type, Optional<T> byDefault, String text) {
        return listed(new Key<>(name, TLS, title, importance, type, byDefault, text));
    }

    private static <T> Key<T> buffer(
            String name, String title, Importance importance, KeyType<T> type, Optional<T> byDefault, String text) {
        return listed(new Key<>(name, BUFFER, title, importance, type, byDefault, text));
    }

    private static <T> Key<T> listed(Key<T> key) {
        ALL.add(key);
        return key;
    }

    private static StoreKeys listed(StoreKeys keys) {
        ALL.addAll(keys.all());
        return keys;
    }

    private static TlsProtocolKeys listed(TlsProtocolKeys keys) {
        ALL.addAll(keys.all());
        return keys;
    }
}
