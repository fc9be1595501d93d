package io.sluice.tools;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * What a Kafka tells of itself and of its topics, to whoever asks with these settings. Thread-safe.
 *
 * <p>Methods throw {@link ToolException} with a sentence, also if no answer comes within a quarter of a minute.
 */
public final class KafkaView implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final String kafka;
    private final Admin admin;

    private KafkaView(String kafka, Admin admin) {
        this.kafka = kafka;
        this.admin = admin;
    }

    /**
     * A view that is open.
     *
     * @param kafka host and port, several with commas
     * @param settings further settings of the client, such as for TLS
     */
    public static KafkaView of(String kafka, Map<String, String> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
        all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try {
            return new KafkaView(kafka, Admin.create(all));
        } catch (KafkaException e) {
            throw new ToolException(
                    ExitCode.USAGE,
                    "Kafka at " + kafka + " cannot be asked: "
                            + Optional.ofNullable(e.getCause())
                                    .map(Throwable::getMessage)
                                    .orElse(e.getMessage()),
                    e);
        }
    }

    /** The id of the cluster. */
    public String clusterId() {
        return answer(admin.describeCluster().clusterId());
    }

    /** How many brokers run. */
    public int brokers() {
        return answer(admin.describeCluster().nodes()).size();
    }

    /**
     * What one may do with a topic; empty if it is not there, and a topic of which Kafka does not say counts as one with
     * which one may do everything.
     *
     * @throws ToolException also if the name is none for a topic
     */
    public Optional<Set<AclOperation>> operations(String topic) {
        try {
            Map<String, TopicDescription> described = await(
                    admin.describeTopics(List.of(topic), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                            .allTopicNames());
            return Optional.ofNullable(described.get(topic))
                    .map(each ->
                            Optional.ofNullable(each.authorizedOperations()).orElse(Set.of(AclOperation.WRITE)));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            if (e.getCause() instanceof InvalidTopicException) {
                throw new ToolException(ExitCode.FOUND, topic + " is no name for a Kafka topic.", e);
            }
            throw failed(e);
        }
    }

    private <T> T answer(KafkaFuture<T> future) {
        try {
            return await(future);
        } catch (ExecutionException e) {
            throw failed(e);
        }
    }

    private <T> T await(KafkaFuture<T> future) throws ExecutionException {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw silent(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw silent(e);
        }
    }

    private ToolException failed(ExecutionException e) {
        if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
            return silent(e);
        }
        return new ToolException(
                ExitCode.FAILED,
                "Kafka at " + kafka + " refuses: "
                        + Optional.ofNullable(e.getCause())
                                .map(Throwable::getMessage)
                                .orElse(e.toString()),
                e);
    }

    private ToolException silent(Exception e) {
        return new ToolException(
                ExitCode.UNREACHABLE,
                "Kafka at " + kafka
                        + " does not answer. Another address is given with --kafka, SLUICE_KAFKA or a context.",
                e);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
