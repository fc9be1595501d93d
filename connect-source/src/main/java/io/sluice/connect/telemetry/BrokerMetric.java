package io.sluice.connect.telemetry;

import io.sluice.broker.BrokerStats;
import java.util.function.ToDoubleFunction;

/** The metrics of a broker in this process. Names are public: dashboards depend on them. */
enum BrokerMetric {
    CAPTURED(
            "captured-messages-total",
            "Messages taken into the buffer",
            stats -> stats.buffer().appended()),
    CAPTURED_BYTES(
            "captured-bytes-total",
            "What they take in the buffer, in bytes",
            stats -> stats.buffer().appendedBytes()),
    REJECTED(
            "rejected-messages-total",
            "Messages that the buffer refused because it was full (buffer.overflow=reject) or they were larger than it",
            stats -> stats.buffer().rejected()),
    WITHHELD(
            "withheld-acknowledgements",
            "Appends whose publishers wait to be acknowledged because no connector is attached or, with ack.mode=delivered, because Kafka has them not yet. An append is what one connection published at a time",
            stats -> stats.buffer().withheld()),
    GROUP_COMMITS(
            "group-commits-total",
            "Groups made safe, each with one sync of the disk",
            stats -> stats.buffer().groups()),
    GROUP_SIZE_AVG(
            "group-commit-size-avg",
            "Records in a group, on average over the last half minute to minute",
            stats -> stats.buffer().recentGroups().averageRecords()),
    GROUP_SIZE_MAX(
            "group-commit-size-max",
            "Records in the largest of these groups",
            stats -> stats.buffer().recentGroups().mostRecords()),
    GROUP_TIME_AVG(
            "group-commit-time-ms-avg",
            "Time to write and sync a group, in milliseconds, on average over the last half minute to minute",
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
            "1 while a message finds no room in the buffer, else 0",
            stats -> oneIf(stats.buffer().full())),
    BUFFER_STALLED(
            "buffer-stalled",
            "1 while the disk takes nothing, else 0",
            stats -> oneIf(stats.buffer().stalled())),
    LISTENING(
            "broker-listening",
            "1 while devices can connect; 0 while the broker starts again, or if it could not",
            stats -> oneIf(stats.listening())),
    CLIENTS("connected-clients", "MQTT clients that are connected", BrokerStats::connectedClients),
    QUEUED(
            "front-door-queued-bytes",
            "What clients have sent and waits in memory for its turn, in bytes",
            BrokerStats::queuedBytes),
    REFUSED(
            "refused-publishes-total",
            "Publishes refused since the broker last started: not authorised, malformed, or rejected by the buffer",
            BrokerStats::refused),
    RESTARTS(
            "broker-restarts-total",
            "How often the broker was started again because a session loop had died",
            BrokerStats::restarts);

    /** With a tag for the reason. */
    static final String DROPPED = "dropped-messages-total";

    static final String DROPPED_DESCRIPTION = "Messages, or positions, lost on the broker, by reason";

    private final String label;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final ToDoubleFunction<BrokerStats> value;

    BrokerMetric(String label, String description, ToDoubleFunction<BrokerStats> value) {
        this.label = label;
        this.description = description;
        this.value = value;
    }

    private static int oneIf(boolean condition) {
        return condition ? 1 : 0;
    }

    /** Its name, without what is before all names. */
    String label() {
        return label;
    }

    String description() {
        return description;
    }

    double of(BrokerStats stats) {
        return value.applyAsDouble(stats);
    }
}
