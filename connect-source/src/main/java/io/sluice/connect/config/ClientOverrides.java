package io.sluice.connect.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * The Kafka that a connector's producer is sent to instead of the worker's, by Kafka Connect's own keys.
 *
 * <p>An admin client gets there with the settings of {@code admin.override.*}, as the one by which Kafka Connect creates
 * topics does, and with those of {@code producer.override.*} for what they leave out. What the worker adds to either,
 * nobody here sees.
 */
final class ClientOverrides {

    private static final String PRODUCER = "producer.override.";
    private static final String ADMIN = "admin.override.";

    /** Of the worker's metrics and threads, a client that lives for a moment is no part. */
    private static final Set<String> LEFT_OUT = Set.of(
            AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
            AdminClientConfig.CLIENT_ID_CONFIG,
            AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG);

    private final Map<String, String> settings;
    private final Map<String, String> keys;
    private final boolean namesAdminServers;

    private ClientOverrides(Map<String, String> properties) {
        settings = new HashMap<>();
        keys = new HashMap<>();
        for (String prefix : List.of(PRODUCER, ADMIN)) {
            properties.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    put(key, key.substring(prefix.length()), value);
                }
            });
        }
        namesAdminServers = properties.containsKey(ADMIN + AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
    }

    private void put(String key, String setting, String value) {
        boolean producersAlone = ProducerConfig.configNames().contains(setting)
                && !AdminClientConfig.configNames().contains(setting);
        if (!producersAlone && !LEFT_OUT.contains(setting)) {
            settings.put(setting, value);
            keys.put(setting, key);
        }
    }

    /** What a configuration says of such a Kafka; empty if records go to the worker's. */
    static Optional<ClientOverrides> of(Map<String, String> properties) {
        return properties.containsKey(PRODUCER + ProducerConfig.BOOTSTRAP_SERVERS_CONFIG)
                ? Optional.of(new ClientOverrides(properties))
                : Optional.empty();
    }

    /** The settings of an admin client. */
    Map<String, Object> settings() {
        return new HashMap<>(settings);
    }

    /** The configuration's key that a setting comes from. */
    String key(String setting) {
        return keys.getOrDefault(setting, PRODUCER + setting);
    }

    /** The addresses of servers, by the key that names them: the producer's, and the admin client's if there are. */
    static Map<String, List<String>> servers(Map<String, String> properties) {
        Map<String, List<String>> servers = new LinkedHashMap<>();
        for (String prefix : List.of(PRODUCER, ADMIN)) {
            String key = prefix + AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG;
            if (properties.containsKey(key)) {
                servers.put(
                        key,
                        Stream.of(properties.get(key).split(","))
                                .map(String::strip)
                                .filter(server -> !server.isEmpty())
                                .toList());
            }
        }
        return servers;
    }

    /** Whether the admin client by which Kafka Connect creates topics is sent to a Kafka too. */
    boolean namesAdminServers() {
        return namesAdminServers;
    }

    /** Whether a value waits for a config provider that the worker does not have. */
    boolean isUnresolved() {
        return settings.values().stream().anyMatch(value -> value.contains("${"));
    }

    /** Whether all that decides about a login by SASL is said here, and nothing is left to the worker. */
    boolean decidesSasl() {
        return settings.containsKey(SaslConfigs.SASL_JAAS_CONFIG) && settings.containsKey(SaslConfigs.SASL_MECHANISM);
    }

    /** Whether all that decides whom to trust is said here, and nothing is left to the worker. */
    boolean decidesTrust() {
        return settings.containsKey(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG)
                || settings.containsKey(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG);
    }
}
