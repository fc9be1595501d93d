package io.sluice.broker;

import io.sluice.broker.session.Refusal;
import io.sluice.buffer.log.DropReason;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The metrics of a broker, wherever they are shown. Names are public: dashboards depend on them. Counts end with {@code
 * -total} and begin with the opening of the buffer.
 */
public enum BrokerMetric {
    CAPTURED(
            "captured-messages-total",
            "Messages taken into the buffer",
            stats -> stats.buffer().appended()),
    CAPTURED_BYTES(
            "captured-bytes-total",
            "Bytes that captured messages take in the buffer",
            stats -> stats.buffer().appendedBytes()),
    REJECTED(
            "rejected-messages-total",
            "Messages that the buffer refused because it was full (buffer.overflow=reject) or they were larger than it",
            stats -> stats.buffer().rejected()),
    WITHHELD(
            "withheld-acknowledgements",
            "Appends whose publishers wait for an acknowledgement because no connector is attached or, with"
                    + " ack.mode=delivered, because Kafka does not have them yet. An append holds the messages that one"
                    + " connection published at a time",
            stats -> stats.buffer().withheld()),
    GROUP_COMMITS(
            "group-commits-total",
            "Groups synced to disk",
            stats -> stats.buffer().groups()),
    GROUP_SIZE_AVG(
            "group-commit-size-avg",
            "Records in a group, on average over the last 30 to 60 seconds",
            stats -> stats.buffer().recentGroups().averageRecords()),
    GROUP_SIZE_MAX(
            "group-commit-size-max",
            "Records in the largest of these groups",
            stats -> stats.buffer().recentGroups().mostRecords()),
    GROUP_TIME_AVG(
            "group-commit-time-ms-avg",
            "Time to write and sync a group, in milliseconds, on average over the last 30 to 60 seconds",
            stats -> stats.buffer().recentGroups().averageMs()),
    GROUP_TIME_MAX(
            "group-commit-time-ms-max",
            "The longest of these times, in milliseconds",
            stats -> stats.buffer().recentGroups().longestMs()),
    BUFFER_BYTES(
            "buffer-bytes",
            "Size of the buffer, in bytes",
            stats -> stats.buffer().bytes()),
    BUFFER_MAX_BYTES(
            "buffer-max-bytes",
            "buffer.max.bytes: the size at which buffer.overflow decides",
            stats -> stats.buffer().maxBytes()),
    BUFFER_SEGMENTS(
            "buffer-segments", "Files of the buffer", stats -> stats.buffer().segments()),
    BUFFER_FULL(
            "buffer-full",
            "1 while a message finds no free space in the buffer, else 0",
            stats -> stats.buffer().full()),
    BUFFER_STALLED(
            "buffer-stalled",
            "1 while the disk accepts no write, else 0",
            stats -> stats.buffer().stalled()),
    BIRTHS(
            "remembered-births",
            "Births of Sparkplug B whose positions the buffer remembers, so that aliases have names",
            stats -> stats.buffer().births()),
    FORGOTTEN_BIRTHS(
            "forgotten-births-total",
            "Births of Sparkplug B that the buffer has forgotten since it was opened, because there were too many, too large ones, or they could not be read",
            stats -> stats.buffer().forgottenBirths()),
    LISTENING(
            "broker-listening",
            "1 while devices can connect, else 0",
            stats -> stats.door().listening()),
    CLIENTS(
            "connected-clients",
            "MQTT clients that are connected",
            stats -> stats.door().connectedClients()),
    CONNECTIONS(
            "connections",
            "Network connections, including those without a CONNECT yet",
            stats -> stats.door().connections()),
    TURNED_AWAY(
            "turned-away-connections-total",
            "Connections closed before a valid CONNECT: too many, too slow, or not MQTT",
            stats -> stats.door().turnedAway()),
    REFUSED_CLIENTS(
            "refused-clients-total",
            "Clients refused when they wanted to connect: wrong password, a will they may not publish",
            stats -> stats.door().refusedClients()),
    CLOSED(
            "closed-connections-total",
            "Connections closed for what their clients did: a malformed packet, a publish that is not allowed, nothing read for half a minute",
            stats -> stats.door().closedConnections()),
    QUEUED(
            "front-door-queued-bytes",
            "Bytes that clients have sent and that wait in memory",
            stats -> stats.door().queuedBytes()),
    REFUSED(
            "refused-publishes-total",
            "Publishes refused since the broker last started: not authorised, malformed, or rejected by the buffer",
            stats -> stats.door().refusedPublishes()),
    DELAYED(
            "delayed-publishes-total",
            "Publishes that have waited since the broker last started, because they exceeded broker.publish.*",
            stats -> stats.door().delayedPublishes()),
    EXCEEDING(
            "exceeding-publishes-total",
            "Of the refused publishes, those above what broker.publish.* allows, where broker.publish.rate.exceeded is refuse",
            stats -> stats.door().exceedingPublishes()),
    ACCEPT_PAUSES(
            "accept-pauses-total",
            "How often the listeners have paused since the broker last started, because connects exceeded"
                    + " broker.connect.rate.max",
            stats -> stats.door().acceptPauses()),
    HELD_OFF(
            "held-off-clients-total",
            "Clients refused because they connected too often (broker.client.connects.max.per.minute), or because a"
                    + " hundred logins from their address waited",
            stats -> stats.door().heldOffClients()),
    WRONG_PASSWORDS(
            "wrong-passwords-total",
            "Clients refused for a wrong user name or password",
            stats -> stats.door().wrongPasswords()),
    DELAYED_LOGINS(
            "delayed-logins-total",
            "Logins that have waited since the broker last started, because wrong passwords came from their address or for their user name before",
            stats -> stats.door().delayedLogins()),
    SESSIONS(
            "sessions",
            "MQTT sessions, with and without a connection",
            stats -> stats.door().sessions()),
    SESSION_QUEUE(
            "session-queue-messages",
            "Messages that wait for subscribers whose sessions outlive their connections",
            stats -> stats.sessions().queuedMessages()),
    SESSION_QUEUE_DROPPED(
            "session-queue-dropped-total",
            "Messages dropped from the queues of subscribers: the queue was full, or they expired",
            stats -> stats.sessions().droppedInAll()),
    UNDELIVERED(
            "undelivered-messages-total",
            "Messages that did not reach a subscriber: QoS 0 for one that did not read, or larger than it accepts",
            stats -> stats.door().undelivered()),
    RETAINED("retained-messages", "Retained messages", stats -> stats.sessions().retainedMessages()),
    REFUSED_SESSIONS(
            "refused-sessions-total",
            "Sessions refused since the broker last started, because broker.sessions.max was reached",
            stats -> stats.sessions().refused(Refusal.SESSIONS)),
    SUBSCRIPTIONS(
            "subscriptions",
            "Subscriptions of all MQTT sessions",
            stats -> stats.sessions().subscriptions()),
    REFUSED_SUBSCRIPTIONS(
            "refused-subscriptions-total",
            "Subscriptions refused since the broker last started, because a client, or all clients together, had"
                    + " reached the limit",
            stats -> stats.sessions().refused(Refusal.SUBSCRIPTIONS)
                    + stats.sessions().refused(Refusal.ALL_SUBSCRIPTIONS)),
    REFUSED_RETAINED(
            "refused-retained-messages-total",
            "Messages that were not retained, because broker.retained.max.messages or .bytes was reached",
            stats -> stats.sessions().refused(Refusal.RETAINED_MESSAGES)
                    + stats.sessions().refused(Refusal.RETAINED_BYTES));

    private final String label;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Function<BrokerStats, Object> value;

    BrokerMetric(String label, String description, Function<BrokerStats, Object> value) {
        this.label = label;
        this.description = description;
        this.value = value;
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

    /** Its value as a number. */
    public double number(BrokerStats stats) {
        Object now = of(stats);
        return now instanceof Boolean yes ? (yes ? 1 : 0) : ((Number) now).doubleValue();
    }

    /** Positions that the buffer holds for a connector; one for each connector. */
    public static final String BACKLOG = "broker-lag-positions";

    /** The description of {@link #BACKLOG}. */
    public static final String BACKLOG_DESCRIPTION = "Positions that the buffer holds, by connector";

    /** How long the first of them has waited; one for each connector. */
    public static final String BACKLOG_AGE = "broker-oldest-age-ms";

    /** The description of {@link #BACKLOG_AGE}. */
    public static final String BACKLOG_AGE_DESCRIPTION =
            "How long the first of them has waited, at least, in milliseconds, by connector; 0 if there is none";

    /** Messages, or positions, that were lost on the broker; one for each reason. */
    public static final String DROPPED = "dropped-messages-total";

    /** The description of {@link #DROPPED}. */
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
