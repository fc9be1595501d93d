package io.sluice.connect.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.metrics.Measurable;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;

/** The registry of a task in a worker that gives it none: it shows over JMX what later workers show there. */
final class JmxMetrics implements MetricRegistry {

    /** Domain and type of the MBeans in which Kafka Connect shows the metrics of its plugins. */
    private static final String DOMAIN = "kafka.connect";

    private static final String TYPE = "plugins";

    private final Metrics metrics;
    private final String connector;
    private final int task;

    JmxMetrics(String connector, int task) {
        this.connector = connector;
        this.task = task;
        JmxReporter reporter = new JmxReporter();
        // a registry counts itself too, and would do so under the name of the worker's
        reporter.configure(Map.of(JmxReporter.INCLUDE_CONFIG, "kafka\\.connect:type=plugins,.*"));
        this.metrics = new Metrics(new MetricConfig(), List.of(reporter), Time.SYSTEM, new KafkaMetricsContext(DOMAIN));
    }

    @Override
    public void add(String name, String description, Map<String, String> tags, Measurable value) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("connector", connector);
        all.put("task", Integer.toString(task));
        all.putAll(tags);
        metrics.addMetric(metrics.metricName(name, TYPE, description, all), value);
    }

    @Override
    public void close() {
        metrics.close();
    }
}
