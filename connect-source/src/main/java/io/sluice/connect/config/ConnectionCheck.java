package io.sluice.connect.config;

import io.sluice.connect.config.TopicCheck.Wanted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the Kafka that a configuration names, instead of the worker's, whether it answers and has what the connector needs.
 *
 * <p>It finds a mistake only where it is sure of one. Nobody listens at the addresses; a login or a certificate is refused
 * though all settings for it are here; a topic is missing and nothing will make it: these are mistakes. Whatever else
 * goes wrong may be due to this worker, to settings that only the worker knows, or to the moment, and is logged.
 */
final class ConnectionCheck {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionCheck.class);

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    private final Map<String, String> properties;
    private final ClientOverrides overrides;
    private final List<Wanted> topics;

    private ConnectionCheck(Map<String, String> properties, ClientOverrides overrides, List<Wanted> topics) {
        this.properties = properties;
        this.overrides = overrides;
        this.topics = topics;
    }

    /** A mistake, and the key that causes it. */
    record Mistake(String key, String sentence) {}

    /** Checks a configuration that has no mistakes so far, if it names a Kafka; takes five seconds at most. */
    static void check(CheckedValues values, Map<String, String> properties) {
        ClientOverrides.of(properties)
                .filter(overrides -> !overrides.isUnresolved())
                .map(overrides -> new ConnectionCheck(properties, overrides, TopicCheck.wanted(values, properties)))
                .ifPresent(
                        check -> check.mistakes().forEach(mistake -> values.refuse(mistake.key(), mistake.sentence())));
    }

    /** In a thread of its own: a client that logs in somewhere when it is made cannot be told to hurry. */
    private List<Mistake> mistakes() {
        FutureTask<List<Mistake>> check = new FutureTask<>(this::ask);
        Thread thread = new Thread(check, "sluice-connection-check");
        thread.setDaemon(true);
        thread.start();
        try {
            return check.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return undecided(e);
        } catch (ExecutionException e) {
            return undecided(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return undecided(e);
        } finally {
            check.cancel(true);
        }
    }

    /** Of an exception only the class is logged: its message may quote settings, and some of them are secret. */
    private List<Mistake> undecided(Throwable why) {
        LOG.info(
                "Whether the Kafka at {} answers could not be found out: {}. The configuration is taken as it is.",
                properties.get(overrides.key(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)),
                why.getClass().getSimpleName());
        return List.of();
    }

    private List<Mistake> ask() throws Exception {
        List<Mistake> unreachable = unreachable();
        if (!unreachable.isEmpty()) {
            return unreachable;
        }
        Map<String, Object> settings = overrides.settings();
        int timeout = Math.toIntExact(LIMIT.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "sluice-connection-check");
        settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        Admin admin = Admin.create(settings);
        try {
            int node = admin.describeCluster().nodes().get().iterator().next().id();
            return new TopicCheck(admin, node, overrides, properties).mistakes(topics);
        } catch (ExecutionException e) {
            return refused(Objects.requireNonNullElse(e.getCause(), e));
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private List<Mistake> unreachable() {
        List<Mistake> mistakes = new ArrayList<>();
        ClientOverrides.servers(properties)
                .forEach((key, servers) -> Reachability.objection(servers, CONNECT_TIMEOUT)
                        .ifPresent(objection -> mistakes.add(new Mistake(
                                key,
                                key + " is " + String.join(",", servers) + ", and none of these answers: " + objection
                                        + "."))));
        return mistakes;
    }

    private List<Mistake> refused(Throwable cause) {
        if (cause instanceof SaslAuthenticationException && overrides.decidesSasl()) {
            String key = overrides.key(SaslConfigs.SASL_JAAS_CONFIG);
            return List.of(new Mistake(key, "Kafka refuses the login of " + key + ": " + cause.getMessage()));
        }
        if (cause instanceof SslAuthenticationException && overrides.decidesTrust()) {
            String location = overrides.key(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG);
            String key = properties.containsKey(location)
                    ? location
                    : overrides.key(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG);
            return List.of(
                    new Mistake(key, "No connection by TLS could be made with " + key + ": " + cause.getMessage()));
        }
        return undecided(cause);
    }
}
