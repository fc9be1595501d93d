package io.sluice.connect.config;

import io.sluice.thread.DaemonThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Asks the Kafka that a configuration names, instead of the worker's, for the topics that records will surely go to. A
 * connector does so when it starts: before that, a plugin cannot see whether Kafka Connect allows its
 * {@code producer.override.*}. What it finds is a warning, since it may be due to the moment, and messages wait in the buffer.
 */
final class KafkaCheck {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String CREATION_DEFAULT = "topic.creation.default.";

    private final Map<String, String> properties;
    private final ClientOverrides overrides;
    private final List<Wanted> topics;

    private KafkaCheck(Map<String, String> properties, ClientOverrides overrides, List<Wanted> topics) {
        this.properties = properties;
        this.overrides = overrides;
        this.topics = topics;
    }

    private record Wanted(String key, String topic) {}

    /**
     * Checks a valid configuration, if it names a Kafka, in a separate thread: a client that logs in somewhere when it is
     * made cannot be told to hurry.
     *
     * @param warnings takes a sentence for each thing that is wrong
     */
    static void begin(CheckedValues values, Consumer<String> warnings) {
        ClientOverrides.of(values.properties())
                .filter(known -> !known.isUnresolved())
                .map(overrides -> new KafkaCheck(values.properties(), overrides, wanted(values)))
                .ifPresent(check -> new DaemonThreads("sluice-kafka-check")
                        .newThread(() -> check.run(warnings))
                        .start());
    }

    /** None that is made from messages, and none that a transformation may change. */
    private static List<Wanted> wanted(CheckedValues values) {
        if (ConverterCheck.isTransformed(values.properties())) {
            return List.of();
        }
        return Stream.of(
                        RouteGroup.topicKeys(values),
                        CaptureGroup.topicKeys(values),
                        List.of(ErrorsGroup.DEAD_LETTER_TOPIC))
                .flatMap(List::stream)
                .flatMap(key -> values.kafkaTopic(key).stream().map(topic -> new Wanted(key, topic)))
                .filter(wanted -> !wanted.topic().isEmpty())
                .toList();
    }

    private void run(Consumer<String> warnings) {
        Map<String, Object> settings = overrides.settings();
        int timeout = Math.toIntExact(LIMIT.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "sluice-kafka-check");
        settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        try (Admin admin = Admin.create(settings)) {
            warn(admin, warnings);
            admin.close(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            // Of an exception only the class: its message may quote settings, and some of them are secret.
            warnings.accept(
                    "The Kafka at " + overrides.servers() + " did not answer within " + LIMIT.toSeconds() + " s ("
                            + cause.getClass().getSimpleName()
                            + "): see whether producer.override.* is right, and whether Kafka can"
                            + " be reached. Messages wait in the buffer until it can.");
        }
    }

    private void warn(Admin admin, Consumer<String> warnings)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, KafkaFuture<TopicDescription>> described = admin.describeTopics(
                        topics.stream().map(Wanted::topic).distinct().toList())
                .topicNameValues();
        List<Wanted> missing = new ArrayList<>();
        for (Wanted wanted : topics) {
            KafkaFuture<TopicDescription> answer = described.get(wanted.topic());
            if (answer != null && isMissing(answer)) {
                missing.add(wanted);
            }
        }
        if (properties.keySet().stream().noneMatch(key -> key.startsWith(CREATION_DEFAULT))) {
            missing.forEach(wanted -> warnings.accept(wanted.key() + " is " + wanted.topic()
                    + ", a topic that the Kafka at " + overrides.servers() + " does not have: create it, or set "
                    + CREATION_DEFAULT + "partitions and " + CREATION_DEFAULT
                    + "replication.factor so that Kafka Connect"
                    + " does, unless Kafka creates topics by itself (auto.create.topics.enable)."));
        }
    }

    /** A topic that may not be looked at may be there. */
    private static boolean isMissing(KafkaFuture<TopicDescription> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return true;
            }
            if (e.getCause() instanceof TopicAuthorizationException) {
                return false;
            }
            throw e;
        }
    }
}
