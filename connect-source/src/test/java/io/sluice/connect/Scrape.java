package io.sluice.connect;

import io.prometheus.jmx.JmxCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MalformedObjectNameException;

/**
 * What Prometheus gets from the JMX exporter.
 *
 * @param samples all values
 */
record Scrape(List<Sample> samples) {

    /** One value, under the name that Prometheus has for it. */
    record Sample(String name, Map<String, String> labels, double value) {}

    /** Scrapes this process by the exporter's rules in a file. */
    static Scrape by(Path rules) throws IOException, MalformedObjectNameException {
        PrometheusRegistry registry = new PrometheusRegistry();
        new JmxCollector(rules.toFile()).register(registry);
        List<Sample> samples = new ArrayList<>();
        for (MetricSnapshot metric : registry.scrape()) {
            String name =
                    metric.getMetadata().getPrometheusName() + (metric instanceof CounterSnapshot ? "_total" : "");
            for (DataPointSnapshot point : metric.getDataPoints()) {
                Map<String, String> labels = new HashMap<>();
                point.getLabels().forEach(label -> labels.put(label.getName(), label.getValue()));
                samples.add(new Sample(name, labels, value(point)));
            }
        }
        return new Scrape(samples);
    }

    private static double value(DataPointSnapshot point) {
        if (point instanceof CounterSnapshot.CounterDataPointSnapshot counter) {
            return counter.getValue();
        }
        if (point instanceof GaugeSnapshot.GaugeDataPointSnapshot gauge) {
            return gauge.getValue();
        }
        throw new IllegalArgumentException("neither a counter nor a gauge: " + point);
    }

    /** The samples whose labels have these values. */
    Scrape where(String label, String value) {
        return new Scrape(samples.stream()
                .filter(sample -> value.equals(sample.labels().get(label)))
                .toList());
    }

    Set<String> names() {
        return samples.stream().map(Sample::name).collect(Collectors.toSet());
    }

    /** The labels of a metric, those of all its samples. */
    Set<String> labels(String name) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .flatMap(sample -> sample.labels().keySet().stream())
                .collect(Collectors.toSet());
    }

    /** The values of a metric. */
    List<Double> values(String name) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .map(Sample::value)
                .toList();
    }
}
