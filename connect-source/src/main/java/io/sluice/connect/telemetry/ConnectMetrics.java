package io.sluice.connect.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.MetricName;
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
    private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();

    private record Refused(MetricName name, Measurable value) {}

    ConnectMetrics(PluginMetrics metrics) {
        this.metrics = metrics;
    }

    /** @throws NoSuchMethodError or NoClassDefFoundError below 4.1 */
    static MetricRegistry of(SourceTaskContext context) {
        return new ConnectMetrics(context.pluginMetrics());
    }

    @Override
    public void add(String name, String description, Map<String, String> tags, Measurable value) {
        add(metrics.metricName(name, description, new LinkedHashMap<>(tags)), value);
    }

    private void add(MetricName name, Measurable value) {
        try {
            metrics.addMetric(name, value);
        } catch (IllegalArgumentException taken) {
            refused.add(new Refused(name, value));
        } catch (IllegalStateException closed) {
            LOG.debug("The task has ended: {}", closed.getMessage());
        }
    }

    @Override
    public void addRefused() {
        for (int left = refused.size(); left > 0; left--) {
            Refused again = refused.remove();
            add(again.name(), again.value());
        }
    }

    @Override
    public void close() {
        // Kafka Connect's to do.
    }
}
