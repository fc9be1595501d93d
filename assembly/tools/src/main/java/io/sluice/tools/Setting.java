package io.sluice.tools;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command needs to know of its surroundings. */
public enum Setting {
    /** The Connect worker's address. */
    WORKER("worker", "SLUICE_WORKER", "http://localhost:8083"),
    /** Where the worker's login is. */
    WORKER_LOGIN("worker login", "SLUICE_WORKER_LOGIN", null),
    /** File of certificates that the worker's is signed with. */
    WORKER_CA("worker certificates", "SLUICE_WORKER_CA", null),
    /** The MQTT broker's address. */
    BROKER("broker", "SLUICE_BROKER", "mqtt://localhost:1883"),
    /** Where the broker's login is. */
    BROKER_LOGIN("broker login", "SLUICE_BROKER_LOGIN", null),
    /** Kafka's addresses. */
    KAFKA("Kafka", "SLUICE_KAFKA", "localhost:9092"),
    /** File with further settings of Kafka's clients. */
    KAFKA_CONFIG("Kafka's settings", "SLUICE_KAFKA_CONFIG", null),
    /** Addresses of status listeners. */
    STATUS("status", "SLUICE_STATUS", "http://localhost:9404"),
    /** Where their token is. */
    STATUS_TOKEN("status token", "SLUICE_STATUS_TOKEN", null);

    private final String title;
    private final String variable;
    private final Optional<String> defaultValue;

    Setting(String title, String variable, @Nullable String defaultValue) {
        this.title = title;
        this.variable = variable;
        this.defaultValue = Optional.ofNullable(defaultValue);
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    /** The variable of the environment that says it. */
    public String variable() {
        return variable;
    }

    Optional<String> defaultValue() {
        return defaultValue;
    }
}
