package io.sluice.connect.config;

import io.sluice.broker.BrokerLimits;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.QueueLimits;
import io.sluice.broker.memory.MemoryLimits;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** How much of everything the embedded broker takes. */
final class LimitsGroup {

    static final String NAME = "Broker limits";

    static final String CONNECTIONS_MAX = "broker.connections.max";
    static final String CONNECTIONS_MAX_PER_ADDRESS = "broker.connections.max.per.address";
    static final String CONNECT_TIMEOUT = "broker.connect.timeout.ms";
    static final String STALL_TIMEOUT = "broker.stall.timeout.ms";
    static final String KEEP_ALIVE_MAX = "broker.keep.alive.max.seconds";
    static final String SESSION_QUEUE_MAX_MESSAGES = "broker.session.queue.max.messages";
    static final String SESSION_QUEUE_MAX_BYTES = "broker.session.queue.max.bytes";
    static final String SUBSCRIPTIONS_MAX = "broker.session.subscriptions.max";
    static final String RETAINED_MAX_MESSAGES = "broker.retained.max.messages";
    static final String RETAINED_MAX_BYTES = "broker.retained.max.bytes";
    static final String QUEUED_MAX_BYTES = "broker.queued.max.bytes";
    static final String CONNECTION_QUEUED_MAX_BYTES = "broker.connection.queued.max.bytes";

    private static final String CONNECTIONS_MAX_DOC =
            "How many connections there may be; one more is closed. Unset: one for each 16 KiB of the worker's heap, at"
                    + " least 1,000.";
    private static final String CONNECTIONS_MAX_PER_ADDRESS_DOC =
            "How many of them may come from one address. Unset: half. Behind a load balancer, set"
                    + " `broker.proxy.protocol`, or this as high as `broker.connections.max`.";
    private static final String CONNECT_TIMEOUT_DOC =
            "How long a connection may take to send its whole CONNECT, in milliseconds, with the handshakes of TLS and"
                    + " WebSocket before it.";
    private static final String STALL_TIMEOUT_DOC =
            "How long a client may read nothing while something waits for it, in milliseconds; then it is disconnected."
                    + " Until then it is not read either.";
    private static final String KEEP_ALIVE_MAX_DOC =
            "The longest keep-alive of an MQTT 5 client, in seconds: one that asks for a longer one, or for none, is told"
                    + " this. 0: as the client says.";
    private static final String SESSION_QUEUE_MAX_MESSAGES_DOC =
            "How many messages wait for a subscriber that is away or slow; the oldest give way.";
    private static final String SESSION_QUEUE_MAX_BYTES_DOC = "The same in bytes.";
    private static final String SUBSCRIPTIONS_MAX_DOC =
            "How many subscriptions a client may have; one more is refused (MQTT 5 reason 0x97).";
    private static final String RETAINED_MAX_MESSAGES_DOC =
            "How many messages are retained, over all topics. Past it a new one is refused (MQTT 5 reason 0x97, QoS 1 and"
                    + " 2), or captured and not retained.";
    private static final String RETAINED_MAX_BYTES_DOC = "The same in bytes.";
    private static final String QUEUED_MAX_BYTES_DOC =
            "How much of what devices have sent may wait in memory, in bytes, over all connections: for room in a full"
                    + " buffer, or for MQTT subscribers. Connections that have much waiting are then not read until"
                    + " there is room. Unset: an eighth of the worker's heap, at least 16 MiB.";
    private static final String CONNECTION_QUEUED_MAX_BYTES_DOC =
            "The same of one connection, in bytes: one with more waiting is not read until it has less.";

    private static final ConfigDef.Validator QUEUE = ConfigDef.Range.atLeast(1 << 16);

    private final AbstractConfig values;

    LimitsGroup(AbstractConfig values) {
        this.values = values;
    }

    static void update(ConfigDef definition) {
        MemoryLimits memory = MemoryLimits.DEFAULT;
        new Keys(definition, NAME)
                .shownWhen(BrokerGroup::isEmbeddedChosen)
                .define(
                        CONNECTIONS_MAX,
                        ConfigDef.Type.INT,
                        null,
                        orUnset(ConfigDef.Range.atLeast(1)),
                        Importance.LOW,
                        CONNECTIONS_MAX_DOC,
                        "Most connections")
                .define(
                        CONNECTIONS_MAX_PER_ADDRESS,
                        ConfigDef.Type.INT,
                        null,
                        orUnset(ConfigDef.Range.atLeast(1)),
                        Importance.LOW,
                        CONNECTIONS_MAX_PER_ADDRESS_DOC,
                        "Most connections from one address")
                .define(
                        CONNECT_TIMEOUT,
                        ConfigDef.Type.INT,
                        (int) BrokerLimits.CONNECT_TIMEOUT.toMillis(),
                        ConfigDef.Range.atLeast(100),
                        Importance.LOW,
                        CONNECT_TIMEOUT_DOC,
                        "Time to connect")
                .define(
                        STALL_TIMEOUT,
                        ConfigDef.Type.INT,
                        (int) BrokerLimits.STALL_TIMEOUT.toMillis(),
                        ConfigDef.Range.atLeast(1_000),
                        Importance.LOW,
                        STALL_TIMEOUT_DOC,
                        "Time to read")
                .define(
                        KEEP_ALIVE_MAX,
                        ConfigDef.Type.INT,
                        0,
                        ConfigDef.Range.between(0, 65_535),
                        Importance.LOW,
                        KEEP_ALIVE_MAX_DOC,
                        "Longest keep-alive")
                .define(
                        SESSION_QUEUE_MAX_MESSAGES,
                        ConfigDef.Type.INT,
                        memory.queueMessages(),
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        SESSION_QUEUE_MAX_MESSAGES_DOC,
                        "Most messages queued for a subscriber")
                .define(
                        SESSION_QUEUE_MAX_BYTES,
                        ConfigDef.Type.LONG,
                        memory.queueBytes(),
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        SESSION_QUEUE_MAX_BYTES_DOC,
                        "Most bytes queued for a subscriber")
                .define(
                        SUBSCRIPTIONS_MAX,
                        ConfigDef.Type.INT,
                        memory.subscriptions(),
                        ConfigDef.Range.atLeast(1),
                        Importance.LOW,
                        SUBSCRIPTIONS_MAX_DOC,
                        "Most subscriptions of a client")
                .define(
                        RETAINED_MAX_MESSAGES,
                        ConfigDef.Type.INT,
                        memory.retainedMessages(),
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        RETAINED_MAX_MESSAGES_DOC,
                        "Most retained messages")
                .define(
                        RETAINED_MAX_BYTES,
                        ConfigDef.Type.LONG,
                        memory.retainedBytes(),
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        RETAINED_MAX_BYTES_DOC,
                        "Most bytes retained")
                .define(
                        QUEUED_MAX_BYTES,
                        ConfigDef.Type.LONG,
                        null,
                        orUnset(QUEUE),
                        Importance.LOW,
                        QUEUED_MAX_BYTES_DOC,
                        "Most bytes queued")
                .define(
                        CONNECTION_QUEUED_MAX_BYTES,
                        ConfigDef.Type.LONG,
                        1L << 20,
                        QUEUE,
                        Importance.LOW,
                        CONNECTION_QUEUED_MAX_BYTES_DOC,
                        "Most bytes queued by one connection");
    }

    private static ConfigDef.Validator orUnset(ConfigDef.Validator validator) {
        return ConfigDef.LambdaValidator.with(
                (key, value) -> {
                    if (value != null) {
                        validator.ensureValid(key, value);
                    }
                },
                validator::toString);
    }

    BrokerLimits limits() {
        int connections = Optional.ofNullable(values.getInt(CONNECTIONS_MAX)).orElseGet(ConnectionLimits::defaultMax);
        MemoryLimits memory = MemoryLimits.DEFAULT;
        return new BrokerLimits(
                Optional.ofNullable(values.getInt(CONNECTIONS_MAX_PER_ADDRESS))
                        .map(perAddress -> new ConnectionLimits(connections, perAddress))
                        .orElseGet(() -> ConnectionLimits.of(connections)),
                Duration.ofMillis(values.getInt(CONNECT_TIMEOUT)),
                Duration.ofMillis(values.getInt(STALL_TIMEOUT)),
                Duration.ofSeconds(values.getInt(KEEP_ALIVE_MAX)),
                new QueueLimits(
                        Optional.ofNullable(values.getLong(QUEUED_MAX_BYTES)).orElseGet(QueueLimits::defaultMaxBytes),
                        values.getLong(CONNECTION_QUEUED_MAX_BYTES)),
                new MemoryLimits(
                        values.getInt(SESSION_QUEUE_MAX_MESSAGES),
                        values.getLong(SESSION_QUEUE_MAX_BYTES),
                        values.getInt(SUBSCRIPTIONS_MAX),
                        values.getInt(RETAINED_MAX_MESSAGES),
                        values.getLong(RETAINED_MAX_BYTES),
                        memory.storedBytes()));
    }
}
