package io.sluice.connect.telemetry;

import io.sluice.broker.BrokerMetric;
import io.sluice.broker.BrokerStats;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.stats.Rate;
import org.apache.kafka.connect.source.SourceTaskContext;

/**
 * Registers the metrics of a task, and of its broker if that is in this process. A broker that several connectors share is
 * shown by each of them, with its name as a tag. Thread-safe.
 */
final class TaskMetrics implements AutoCloseable {

    /** Before all names: Kafka Connect shows metrics of all plugins in one place. */
    static final String PREFIX = "sluice-";

    private static final MetricConfig RATE_CONFIG = new MetricConfig();

    private final MetricRegistry registry;
    private final Rate delivered = new Rate();

    TaskMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    static MetricRegistry registry(SourceTaskContext context, String connector, int task) {
        try {
            return ConnectMetrics.of(context);
        } catch (NoSuchMethodError | NoClassDefFoundError before41) {
            return new JmxMetrics(connector, task);
        }
    }

    void show(Supplier<TaskStats> stats) {
        for (TaskMetric metric : TaskMetric.values()) {
            registry.add(
                    PREFIX + metric.label(), metric.description(), Map.of(), (config, now) -> metric.of(stats.get()));
        }
        registry.add(
                PREFIX + TaskMetric.RATE,
                TaskMetric.RATE_DESCRIPTION,
                Map.of(),
                (config, now) -> deliveredPerSecond(now));
    }

    void show(String broker, Supplier<BrokerStats> stats) {
        for (BrokerMetric metric : BrokerMetric.values()) {
            registry.add(
                    PREFIX + metric.label(),
                    metric.description(),
                    Map.of("broker", broker),
                    (config, now) -> metric.number(stats.get()));
        }
        for (String reason : BrokerMetric.dropped(stats.get()).keySet()) {
            Map<String, String> tags = new LinkedHashMap<>();
            tags.put("broker", broker);
            tags.put("reason", reason);
            registry.add(
                    PREFIX + BrokerMetric.DROPPED,
                    BrokerMetric.DROPPED_DESCRIPTION,
                    tags,
                    (config, now) -> BrokerMetric.dropped(stats.get()).getOrDefault(reason, 0L));
        }
    }

    void showRefused() {
        registry.addRefused();
    }

    void delivered(long records, long nowMs) {
        synchronized (delivered) {
            delivered.record(RATE_CONFIG, (double) records, nowMs);
        }
    }

    double deliveredPerSecond() {
        return deliveredPerSecond(System.currentTimeMillis());
    }

    private double deliveredPerSecond(long nowMs) {
        synchronized (delivered) {
            return delivered.measure(RATE_CONFIG, nowMs);
        }
    }

    @Override
    public void close() {
        registry.close();
    }
}
