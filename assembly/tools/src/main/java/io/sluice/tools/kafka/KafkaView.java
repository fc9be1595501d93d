package io.sluice.tools.kafka;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Settings;
import io.sluice.tools.ToolException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
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
            throw ToolException.usage(
                    "Kafka at " + kafka + " cannot be asked: "
                            + Optional.ofNullable(e.getCause())
                                    .map(Throwable::getMessage)
                                    .orElse(e.getMessage()),
                    e);
        }
    }

    /**
     * The settings of Kafka's clients in a file of properties.
     *
     * @throws ToolException if it cannot be read
     */
    public static Map<String, String> settings(String file) {
        return Settings.read(file, "The settings of Kafka's clients");
    }

    public String clusterId() {
        return answer(admin.describeCluster().clusterId());
    }

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

    /**
     * The clock of the cluster's controller, as far as one may ask for it; empty if not.
     *
     * <p>Kafka tells when each controller was last up to date, and for the active one that is now.
     */
    public Optional<Instant> clock() {
        try {
            QuorumInfo quorum = await(admin.describeMetadataQuorum().quorumInfo());
            return quorum.voters().stream()
                    .filter(voter -> voter.replicaId() == quorum.leaderId())
                    .flatMapToLong(voter -> voter.lastCaughtUpTimestamp().stream())
                    .filter(ms -> ms > 0)
                    .mapToObj(Instant::ofEpochMilli)
                    .findFirst();
        } catch (ExecutionException e) {
            return Optional.empty();
        }
    }

    /**
     * A transaction that is open in a partition.
     *
     * @param partition where
     * @param startOffset where in it the transaction begins
     * @param transactionalId whose it is, if its coordinator knows
     * @param state what the coordinator says of that producer now, such as {@code ONGOING}; empty if it knows none
     */
    public record OpenTransaction(
            TopicPartition partition, long startOffset, Optional<String> transactionalId, Optional<String> state) {}

    /**
     * The transactions that are open in topics, in the topics' order. Topics that are not there have none.
     *
     * @throws ToolException also if one may not ask
     */
    public List<OpenTransaction> openTransactions(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            partitions(topic).forEach(number -> partitions.add(new TopicPartition(topic, number)));
        }
        Map<TopicPartition, PartitionProducerState> producers =
                answer(admin.describeProducers(partitions).all());
        Map<Long, TransactionListing> known = new HashMap<>();
        answer(admin.listTransactions().all()).forEach(listing -> known.put(listing.producerId(), listing));
        List<OpenTransaction> open = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            for (ProducerState producer :
                    Objects.requireNonNull(producers.get(partition)).activeProducers()) {
                Optional<TransactionListing> listing = Optional.ofNullable(known.get(producer.producerId()));
                producer.currentTransactionStartOffset()
                        .ifPresent(start -> open.add(new OpenTransaction(
                                partition,
                                start,
                                listing.map(TransactionListing::transactionalId),
                                listing.map(each -> each.state().name()))));
            }
        }
        return open;
    }

    private List<Integer> partitions(String topic) {
        try {
            return await(admin.describeTopics(List.of(topic)).allTopicNames()).values().stream()
                    .flatMap(description -> description.partitions().stream())
                    .map(TopicPartitionInfo::partition)
                    .toList();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return List.of();
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
            throw silent(kafka, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw silent(kafka, e);
        }
    }

    private ToolException failed(ExecutionException e) {
        if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
            return silent(kafka, e);
        }
        return ToolException.failed(
                "Kafka at " + kafka + " refuses: "
                        + Optional.ofNullable(e.getCause())
                                .map(Throwable::getMessage)
                                .orElse(e.toString()),
                e);
    }

    static ToolException silent(String kafka, Exception e) {
        return ToolException.unreachable(
                "Kafka at " + kafka
                        + " does not answer. Another address is given with --kafka, SLUICE_KAFKA or a context.",
                e);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
