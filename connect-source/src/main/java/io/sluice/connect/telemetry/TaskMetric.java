package io.sluice.connect.telemetry;

import java.util.function.ToDoubleFunction;

/** The metrics of a task, whatever its brokers are. Names are public: dashboards depend on them. */
enum TaskMetric {
    LAG(
            "lag-positions",
            "Positions of the log that are not done: messages in flight or still to be read, including those of other"
                    + " connectors",
            TaskStats::lag),
    OLDEST_AGE(
            "oldest-undelivered-age-ms",
            "How long the oldest message that is not in Kafka has waited, in milliseconds; 0 if none waits. An upper"
                    + " bound for messages that arrived while the connector was paused",
            TaskStats::oldestUndeliveredAgeMs),
    DELIVERED("delivered-records-total", "Records that are in Kafka", TaskStats::delivered),
    FILTERED(
            "filtered-records-total",
            "Records dropped by the filter of a route, by a transformation, or by a failure that errors.tolerance"
                    + " tolerates",
            TaskStats::filtered),
    DEAD_LETTERS("dead-letters-total", "Messages sent to dead.letter.topic", TaskStats::deadLetters),
    SKIPPED("skipped-messages-total", "Messages that could not be mapped and were skipped", TaskStats::skipped),
    LOST("lost-positions-total", "Positions that the buffer no longer had when they were to be read", TaskStats::lost),
    UNKNOWN_ALIASES(
            "unknown-aliases-total",
            "Metrics of Sparkplug B in records without a name, because no birth is known that says what their alias stands for",
            TaskStats::unknownAliases),
    SEQUENCE_GAPS(
            "sequence-gaps-total",
            "Sparkplug B messages whose sequence number does not follow the previous one: messages are missing. Counted"
                    + " only for edge nodes of which topic.filters match every message",
            TaskStats::sequenceGaps),
    ATTACHED("attached-buffers", "Buffers that the task drains", TaskStats::attachedBuffers),
    WAITING(
            "waiting-endpoints",
            "Remote brokers to which the task has not attached since its start",
            TaskStats::waitingEndpoints),
    SILENCE(
            "kafka-silence-ms",
            "How long Kafka has acknowledged nothing although records are in flight, in milliseconds; 0 if none are",
            TaskStats::kafkaSilenceMs);

    static final String RATE = "delivered-records-rate";
    static final String RATE_DESCRIPTION = "Records that reach Kafka, per second, over the last 30 to 60 seconds";

    private final String label;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final ToDoubleFunction<TaskStats> value;

    TaskMetric(String label, String description, ToDoubleFunction<TaskStats> value) {
        this.label = label;
        this.description = description;
        this.value = value;
    }

    /** Its name, without the prefix that all metrics share. */
    String label() {
        return label;
    }

    String description() {
        return description;
    }

    double of(TaskStats stats) {
        return value.applyAsDouble(stats);
    }
}
