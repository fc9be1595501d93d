package io.sluice.connect.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry that Kafka Connect 4.1 and later gives to each task (KIP-877), which adds the tags {@code connector} and
 * {@code task}, and takes the metrics away when the task has stopped. No other class names a type that older workers lack.
 */
final class ConnectMetrics implements MetricRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectMetrics.class);

    private final PluginMetrics metrics;

    private ConnectMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * The registry of a task.
     *
     * @throws NoSuchMethodError or NoClassDefFoundError below 4.1
     */
    static MetricRegistry of(SourceTaskContext context) {
        return new ConnectMetrics(context.pluginMetrics());
    }

    @Override
    public void add(String name, String description, Map<String, String> tags, Measurable value) {
        try {
            metrics.addMetric(metrics.metricName(name, description, new LinkedHashMap<>(tags)), value);
        } catch (IllegalArgumentException e) {
            LOG.warn("Metric {} is not shown: {}", name, e.getMessage());
        }
    }

    @Override
    public void close() {
        // Kafka Connect's to do.
    }
}
