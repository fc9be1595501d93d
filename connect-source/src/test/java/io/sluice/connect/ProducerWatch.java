package io.sluice.connect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/** Sees the configuration and the figures of the producers that name it as their {@code metric.reporters}. */
public final class ProducerWatch implements MetricsReporter {

    private static final Map<String, ProducerWatch> BY_CLIENT_ID = new ConcurrentHashMap<>();

    private final Map<String, KafkaMetric> metrics = new ConcurrentHashMap<>();
    private volatile Map<String, Object> config = Map.of();

    /** The configuration of the last producer of a client id, as the producer reads it. */
    static ProducerConfig config(String clientId) {
        return new ProducerConfig(new HashMap<>(BY_CLIENT_ID.get(clientId).config));
    }

    /** A figure of the last producer of a client id, from the group {@code producer-metrics}. */
    static double figure(String clientId, String name) {
        return (double) BY_CLIENT_ID.get(clientId).metrics.get(name).metricValue();
    }

    @Override
    public void configure(Map<String, ?> configs) {
        config = new HashMap<>(configs);
        BY_CLIENT_ID.put((String) configs.get(ProducerConfig.CLIENT_ID_CONFIG), this);
    }

    @Override
    public void init(List<KafkaMetric> known) {
        known.forEach(this::metricChange);
    }

    @Override
    public void metricChange(KafkaMetric metric) {
        if (metric.metricName().group().equals("producer-metrics")) {
            metrics.put(metric.metricName().name(), metric);
        }
    }

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {}
}
