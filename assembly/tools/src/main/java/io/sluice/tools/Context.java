package io.sluice.tools;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a worker, a broker and a Kafka are, and how to log in there. Secrets are never in it: a login is {@code env:NAME},
 * a variable of the environment, or {@code file:PATH}, each with {@code user:password}.
 *
 * @param workerCa file of certificates that are trusted for the worker, in place of those that Java trusts
 * @param kafka host and port of Kafka, several with commas
 * @param kafkaConfig file with further settings of Kafka's clients
 * @param status addresses of status listeners, several with commas
 * @param statusToken where their token is: {@code env:NAME} or {@code file:PATH}
 * @param connector settings that {@code connector create} gives each connector
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Context(
        @Nullable String worker,
        @Nullable String workerLogin,
        @Nullable String workerCa,
        @Nullable String broker,
        @Nullable String brokerLogin,
        @Nullable String kafka,
        @Nullable String kafkaConfig,
        @Nullable String status,
        @Nullable String statusToken,
        @Nullable Map<String, String> connector) {

    public static final Context EMPTY = new Context(null, null, null, null, null, null, null, null, null, Map.of());

    public Context {
        connector = connector == null ? Map.of() : new TreeMap<>(connector);
    }

    Optional<String> value(Setting setting) {
        return Optional.ofNullable(
                switch (setting) {
                    case WORKER -> worker;
                    case WORKER_LOGIN -> workerLogin;
                    case WORKER_CA -> workerCa;
                    case BROKER -> broker;
                    case BROKER_LOGIN -> brokerLogin;
                    case KAFKA -> kafka;
                    case KAFKA_CONFIG -> kafkaConfig;
                    case STATUS -> status;
                    case STATUS_TOKEN -> statusToken;
                });
    }

    public Map<String, String> connectorSettings() {
        return connector == null ? Map.of() : connector;
    }

    /** This context, and over it what another one says. */
    public Context with(Context other) {
        Map<String, String> settings = new TreeMap<>(connectorSettings());
        settings.putAll(other.connectorSettings());
        return new Context(
                other.worker != null ? other.worker : worker,
                other.workerLogin != null ? other.workerLogin : workerLogin,
                other.workerCa != null ? other.workerCa : workerCa,
                other.broker != null ? other.broker : broker,
                other.brokerLogin != null ? other.brokerLogin : brokerLogin,
                other.kafka != null ? other.kafka : kafka,
                other.kafkaConfig != null ? other.kafkaConfig : kafkaConfig,
                other.status != null ? other.status : status,
                other.statusToken != null ? other.statusToken : statusToken,
                settings);
    }
}
