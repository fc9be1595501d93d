package io.sluice.tools;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command needs to know of its surroundings. */
public enum Setting {
    WORKER("worker", "SLUICE_WORKER", "http://localhost:8083"),
    WORKER_LOGIN("worker login", "SLUICE_WORKER_LOGIN", null),
    /** File of certificates that the worker's is signed with. */
    WORKER_CA("worker certificates", "SLUICE_WORKER_CA", null),
    BROKER("broker", "SLUICE_BROKER", "mqtt://localhost:1883"),
    BROKER_LOGIN("broker login", "SLUICE_BROKER_LOGIN", null),
    KAFKA("Kafka", "SLUICE_KAFKA", "localhost:9092"),
    /** File with further settings of Kafka's clients. */
    KAFKA_CONFIG("Kafka's settings", "SLUICE_KAFKA_CONFIG", null),
    STATUS("status", "SLUICE_STATUS", "http://localhost:9404"),
    STATUS_TOKEN("status token", "SLUICE_STATUS_TOKEN", null);

    private final String title;
    private final String variable;
    private final Optional<String> defaultValue;

    Setting(String title, String variable, @Nullable String defaultValue) {
        this.title = title;
        this.variable = variable;
        this.defaultValue = Optional.ofNullable(defaultValue);
    }

    public String title() {
        return title;
    }

    public String variable() {
        return variable;
    }

    Optional<String> defaultValue() {
        return defaultValue;
    }
}
