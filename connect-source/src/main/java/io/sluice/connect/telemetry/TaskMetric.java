package io.sluice.connect.telemetry;

import java.util.function.ToDoubleFunction;

/** The metrics of a task, whatever its brokers are. Names are public: dashboards depend on them. */
enum TaskMetric {
    LAG(
            "lag-positions",
            "Positions of the log that are not dealt with: messages on their way or still to be read, those of other connectors included",
            TaskStats::lag),
    OLDEST_AGE(
            "oldest-undelivered-age-ms",
            "How long the oldest message that is not in Kafka has waited, in milliseconds; 0 if none waits. For messages that arrived while the connector was paused an upper bound",
            TaskStats::oldestUndeliveredAgeMs),
    DELIVERED("delivered-records-total", "Records that are in Kafka", TaskStats::delivered),
    FILTERED(
            "filtered-records-total",
            "Records that the filter of a route, a transformation, or a failure that errors.tolerance tolerates, has dropped",
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
            "Messages of Sparkplug B whose sequence number is not the one after that of the message before: others are missing",
            TaskStats::sequenceGaps),
    ATTACHED("attached-buffers", "Buffers that the task drains", TaskStats::attachedBuffers),
    WAITING(
            "waiting-endpoints",
            "Brokers elsewhere to which the task has not attached since its start",
            TaskStats::waitingEndpoints),
    SILENCE(
            "kafka-silence-ms",
            "How long Kafka has acknowledged nothing although records are on their way, in milliseconds; 0 if none are",
            TaskStats::kafkaSilenceMs);

    /** Of what the task itself measures. */
    static final String RATE = "delivered-records-rate";

    static final String RATE_DESCRIPTION = "Records that reach Kafka, per second, over the last half minute to minute";

    private final String label;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final ToDoubleFunction<TaskStats> value;

    TaskMetric(String label, String description, ToDoubleFunction<TaskStats> value) {
        this.label = label;
        this.description = description;
        this.value = value;
    }

    /** Its name, without what is before all names. */
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
