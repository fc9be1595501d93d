package io.sluice.connect.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The Kafka that a connector's producer writes to instead of the worker's, by Kafka Connect's own keys.
 *
 * <p>An admin client reaches it with the settings of {@code admin.override.*}, as the one with which Kafka Connect
 * creates topics does, and with those of {@code producer.override.*} for what they leave out. What the worker adds to
 * either is not known here.
 */
final class ClientOverrides {

    private static final String PRODUCER = "producer.override.";
    private static final String ADMIN = "admin.override.";

    /** Says that there is such a Kafka. */
    static final String SERVERS = PRODUCER + ProducerConfig.BOOTSTRAP_SERVERS_CONFIG;

    /** What a client that lives for a moment does not need. */
    private static final Set<String> LEFT_OUT = Set.of(
            AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
            AdminClientConfig.CLIENT_ID_CONFIG,
            AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG);

    private final Map<String, String> settings;

    private ClientOverrides(Map<String, String> properties) {
        settings = new HashMap<>();
        for (String prefix : List.of(PRODUCER, ADMIN)) {
            properties.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    put(key.substring(prefix.length()), value);
                }
            });
        }
    }

    private void put(String setting, String value) {
        boolean producersAlone = ProducerConfig.configNames().contains(setting)
                && !AdminClientConfig.configNames().contains(setting);
        if (!producersAlone && !LEFT_OUT.contains(setting)) {
            settings.put(setting, value);
        }
    }

    /** The overrides of a configuration; empty if records go to the worker's Kafka. */
    static Optional<ClientOverrides> of(Map<String, String> properties) {
        return properties.containsKey(SERVERS) ? Optional.of(new ClientOverrides(properties)) : Optional.empty();
    }

    Map<String, Object> settings() {
        return new HashMap<>(settings);
    }

    String servers() {
        return settings.getOrDefault(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "");
    }

    /** Whether a value waits for a config provider that the worker does not have. */
    boolean isUnresolved() {
        return settings.values().stream().anyMatch(value -> value.contains("${"));
    }
}
