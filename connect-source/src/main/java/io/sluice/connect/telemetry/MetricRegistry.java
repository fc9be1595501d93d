package io.sluice.connect.telemetry;

import java.util.Map;
import org.apache.kafka.common.metrics.Measurable;

/** Where metrics of a task are registered: Kafka's classes in both cases, and the same names. Thread-safe. */
interface MetricRegistry extends AutoCloseable {

    /**
     * Adds a metric. One of the same name stays: a task that is slow to stop may still have it; {@link #addRefused}
     * tries again.
     *
     * @param tags besides {@code connector} and {@code task}
     */
    void add(String name, String description, Map<String, String> tags, Measurable value);

    /** Adds what could not be added before. */
    default void addRefused() {}

    /** Takes the metrics away. Idempotent. */
    @Override
    void close();
}
