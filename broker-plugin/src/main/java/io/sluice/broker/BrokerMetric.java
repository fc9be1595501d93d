package io.sluice.broker;

import io.sluice.broker.door.DoorStats;
import io.sluice.broker.session.Refusal;
import io.sluice.broker.session.SessionStats;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.record.DropReason;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The metrics of a broker, wherever they are shown. Names are public: dashboards depend on them. Counts end with {@code
 * -total} and begin with the opening of the buffer.
 */
public enum BrokerMetric {
    CAPTURED("captured-messages-total", "Messages taken into the buffer", buffer(BufferStats::appended)),
    CAPTURED_BYTES(
            "captured-bytes-total",
            "Bytes that captured messages take in the buffer",
            buffer(BufferStats::appendedBytes)),
    REJECTED(
            "rejected-messages-total",
            "Messages that the buffer refused because it was full (buffer.overflow=reject) or they were larger than it",
            buffer(BufferStats::rejected)),
    WITHHELD(
            "withheld-acknowledgements",
            "Appends whose publishers wait for an acknowledgement because no connector is attached or, with"
                    + " ack.mode=delivered, because Kafka does not have them yet. An append holds the messages that one"
                    + " connection published at a time",
            buffer(BufferStats::withheld)),
    GROUP_COMMITS("group-commits-total", "Groups synced to disk", buffer(BufferStats::groups)),
    GROUP_SIZE_AVG(
            "group-commit-size-avg",
            "Records in a group, on average over the last 30 to 60 seconds",
            buffer(now -> now.recentGroups().averageRecords())),
    GROUP_SIZE_MAX(
            "group-commit-size-max",
            "Records in the largest of these groups",
            buffer(now -> now.recentGroups().mostRecords())),
    GROUP_TIME_AVG(
            "group-commit-time-ms-avg",
            "Time to write and sync a group, in milliseconds, on average over the last 30 to 60 seconds",
            buffer(now -> now.recentGroups().averageMs())),
    GROUP_TIME_MAX(
            "group-commit-time-ms-max",
            "The longest of these times, in milliseconds",
            buffer(now -> now.recentGroups().longestMs())),
    BUFFER_BYTES("buffer-bytes", "Size of the buffer, in bytes", buffer(BufferStats::bytes)),
    BUFFER_MAX_BYTES(
            "buffer-max-bytes",
            "buffer.max.bytes: the size at which buffer.overflow decides",
            buffer(BufferStats::maxBytes)),
    BUFFER_SEGMENTS("buffer-segments", "Files of the buffer", buffer(BufferStats::segments)),
    BUFFER_FULL(
            "buffer-full", "1 while a message finds no free space in the buffer, else 0", buffer(BufferStats::full)),
    BUFFER_STALLED("buffer-stalled", "1 while the disk accepts no write, else 0", buffer(BufferStats::stalled)),
    BUFFER_STOPPED(
            "buffer-stopped",
            "1 after an error has stopped the buffer, which captures nothing until the broker is started again, else 0",
            buffer(BufferStats::stopped)),
    BIRTHS(
            "remembered-births",
            "Births of Sparkplug B whose positions the buffer remembers, so that aliases have names",
            buffer(BufferStats::births)),
    FORGOTTEN_BIRTHS(
            "forgotten-births-total",
            "Births of Sparkplug B that the buffer has forgotten since it was opened, because there were too many, they were too large, or they could not be read",
            buffer(BufferStats::forgottenBirths)),
    LISTENING("broker-listening", "1 while devices can connect, else 0", door(DoorStats::listening)),
    CLIENTS("connected-clients", "MQTT clients that are connected", door(DoorStats::connectedClients)),
    CONNECTIONS(
            "connections", "Network connections, including those without a CONNECT yet", door(DoorStats::connections)),
    TURNED_AWAY(
            "turned-away-connections-total",
            "Connections closed before a valid CONNECT: too many, too slow, or not MQTT",
            door(DoorStats::turnedAway)),
    REFUSED_CLIENTS(
            "refused-clients-total",
            "Clients refused when they wanted to connect: wrong password, a will they may not publish",
            door(DoorStats::refusedClients)),
    CLOSED(
            "closed-connections-total",
            "Connections closed for what their clients did: a malformed packet, a publish that is not allowed, nothing read for half a minute",
            door(DoorStats::closedConnections)),
    QUEUED(
            "front-door-queued-bytes",
            "Bytes that clients have sent and that wait in memory",
            door(DoorStats::queuedBytes)),
    REFUSED(
            "refused-publishes-total",
            "Publishes refused since the broker last started: not authorised, malformed, or rejected by the buffer",
            door(DoorStats::refusedPublishes)),
    DELAYED(
            "delayed-publishes-total",
            "Publishes that have waited since the broker last started, because they exceeded broker.publish.*",
            door(DoorStats::delayedPublishes)),
    EXCEEDING(
            "exceeding-publishes-total",
            "Of the refused publishes, those above what broker.publish.* allows, where broker.publish.rate.exceeded is refuse",
            door(DoorStats::exceedingPublishes)),
    ACCEPT_PAUSES(
            "accept-pauses-total",
            "How often the listeners have paused since the broker last started, because connects exceeded"
                    + " broker.connect.rate.max",
            door(DoorStats::acceptPauses)),
    HELD_OFF(
            "held-off-clients-total",
            "Clients refused because they connected too often (broker.client.connects.max.per.minute), or because a"
                    + " hundred logins from their address waited",
            door(DoorStats::heldOffClients)),
    WRONG_PASSWORDS(
            "wrong-passwords-total",
            "Clients refused for a wrong user name or password",
            door(DoorStats::wrongPasswords)),
    DELAYED_LOGINS(
            "delayed-logins-total",
            "Logins that have waited since the broker last started, because wrong passwords came from their address or for their user name before",
            door(DoorStats::delayedLogins)),
    SESSIONS("sessions", "MQTT sessions, with and without a connection", door(DoorStats::sessions)),
    SESSIONS_STOPPED(
            "sessions-stopped",
            "1 after an error has stopped the store of MQTT sessions, which writes nothing until the broker is started again, else 0",
            sessions(SessionStats::stopped)),
    SESSION_QUEUE(
            "session-queue-messages",
            "Messages that wait for subscribers whose sessions outlive their connections",
            sessions(SessionStats::queuedMessages)),
    SESSION_QUEUE_DROPPED(
            "session-queue-dropped-total",
            "Messages dropped from the queues of subscribers: the queue was full, or they expired",
            sessions(SessionStats::droppedInAll)),
    UNDELIVERED(
            "undelivered-messages-total",
            "Messages that did not reach a subscriber: QoS 0 for one that did not read, or larger than it accepts",
            door(DoorStats::undelivered)),
    RETAINED("retained-messages", "Retained messages", sessions(SessionStats::retainedMessages)),
    REFUSED_SESSIONS(
            "refused-sessions-total",
            "Sessions refused since the broker last started, because broker.sessions.max was reached",
            sessions(now -> now.refused(Refusal.SESSIONS))),
    SUBSCRIPTIONS("subscriptions", "Subscriptions of all MQTT sessions", sessions(SessionStats::subscriptions)),
    REFUSED_SUBSCRIPTIONS(
            "refused-subscriptions-total",
            "Subscriptions refused since the broker last started, because a client, or all clients together, had"
                    + " reached the limit",
            sessions(now -> now.refused(Refusal.SUBSCRIPTIONS) + now.refused(Refusal.ALL_SUBSCRIPTIONS))),
    REFUSED_RETAINED(
            "refused-retained-messages-total",
            "Messages that were not retained, because broker.retained.max.messages or .bytes was reached",
            sessions(now -> now.refused(Refusal.RETAINED_MESSAGES) + now.refused(Refusal.RETAINED_BYTES)));

    private final String label;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Function<BrokerStats, Object> value;

    BrokerMetric(String label, String description, Function<BrokerStats, Object> value) {
        this.label = label;
        this.description = description;
        this.value = value;
    }

    private static Function<BrokerStats, Object> buffer(Function<BufferStats, Object> value) {
        return stats -> value.apply(stats.buffer());
    }

    private static Function<BrokerStats, Object> door(Function<DoorStats, Object> value) {
        return stats -> value.apply(stats.door());
    }

    private static Function<BrokerStats, Object> sessions(Function<SessionStats, Object> value) {
        return stats -> value.apply(stats.sessions());
    }

    /** Its name in lower case with dashes, without the prefix that all metrics share. */
    public String label() {
        return label;
    }

    /** Its description, with its unit. */
    public String description() {
        return description;
    }

    /** Its value: a {@link Number}, or a {@link Boolean} where 1 and 0 stand for yes and no. */
    public Object of(BrokerStats stats) {
        return value.apply(stats);
    }

    public double number(BrokerStats stats) {
        Object now = of(stats);
        return now instanceof Boolean yes ? (yes ? 1 : 0) : ((Number) now).doubleValue();
    }

    /** Positions that the buffer holds for a connector; one for each connector. */
    public static final String BACKLOG = "broker-lag-positions";

    public static final String BACKLOG_DESCRIPTION = "Positions that the buffer holds, by connector";

    /** How long the first of them has waited; one for each connector. */
    public static final String BACKLOG_AGE = "broker-oldest-age-ms";

    public static final String BACKLOG_AGE_DESCRIPTION =
            "How long the first of them has waited, at least, in milliseconds, by connector; 0 if there is none";

    /** Messages, or positions, that were lost on the broker; one for each reason. */
    public static final String DROPPED = "dropped-messages-total";

    public static final String DROPPED_DESCRIPTION = "Messages, or positions, lost on the broker, by reason";

    /** Values of {@link #DROPPED} by reason, in lower case; all reasons are there. */
    public static Map<String, Long> dropped(BrokerStats stats) {
        Map<String, Long> byReason = new TreeMap<>();
        for (DropReason reason : DropReason.values()) {
            byReason.put(
                    reason.name().toLowerCase(Locale.ROOT),
                    stats.buffer().dropped().getOrDefault(reason, 0L));
        }
        return byReason;
    }
}
