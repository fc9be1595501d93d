package io.sluice.assembly;

import io.sluice.testkit.KafkaServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.opentest4j.TestAbortedException;

/**
 * Ends transactions that Kafka has decided to abort and then left open in a partition for ever (KAFKA-20734), as limits.md
 * tells an operator to: a Kafka that is killed may do so, and Kafka Connect then waits without limit.
 *
 * <p>The messages are ended before the offsets. The other way round, a task starts as soon as the offsets are free, sends the
 * same messages again under the same producer, and its commit takes in what is still open: they are in Kafka twice.
 */
final class HangingTransactions {

    /** The coordinator is done with the transaction, or has begun none since. */
    private static final Set<TransactionState> FORGOTTEN =
            Set.of(TransactionState.EMPTY, TransactionState.COMPLETE_ABORT, TransactionState.COMPLETE_COMMIT);

    private HangingTransactions() {}

    /**
     * Ends what hangs in the partitions of a topic, then in a partition of offsets, and prints what it decides.
     *
     * @return in how many partitions it has ended something
     * @throws TestAbortedException if Kafka had decided to commit what hangs: no operator can put that right without loss
     */
    static int end(KafkaServer kafka, String topic, TopicPartition offsets) {
        int ended = 0;
        try (Admin admin = kafka.admin()) {
            for (TopicPartition partition : dataThenOffsets(admin, topic, offsets)) {
                for (ProducerState producer : get(admin.describeProducers(List.of(partition))
                                .partitionResult(partition))
                        .activeProducers()) {
                    if (producer.currentTransactionStartOffset().isPresent()
                            && end(kafka, admin, partition, producer)) {
                        ended++;
                    }
                }
            }
        }
        return ended;
    }

    private static List<TopicPartition> dataThenOffsets(Admin admin, String topic, TopicPartition offsets) {
        List<TopicPartition> partitions = new ArrayList<>();
        get(admin.describeTopics(List.of(topic)).topicNameValues().get(topic)).partitions().stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .forEach(partitions::add);
        partitions.add(offsets);
        return partitions;
    }

    private static boolean end(KafkaServer kafka, Admin admin, TopicPartition partition, ProducerState producer) {
        Optional<TransactionState> coordinator = stateAtTheCoordinator(admin, producer.producerId());
        TransactionDecision decision = TransactionDecision.of(kafka.bootstrapServers(), producer.producerId());
        boolean hangs = coordinator.filter(FORGOTTEN::contains).isPresent();
        boolean end = hangs && decision == TransactionDecision.ABORT;
        System.out.printf(
                "A transaction is open in %s, the coordinator is at %s, and what it decided is %s: it is %s. %s%n",
                partition,
                coordinator.map(TransactionState::toString).orElse("nothing"),
                decision,
                end ? "aborted" : "left alone",
                producer);
        if (hangs && decision == TransactionDecision.COMMIT) {
            throw new TestAbortedException("Kafka has forgotten to end a transaction in " + partition
                    + " that it had decided to commit (KAFKA-20734), and nobody else can end it so.");
        }
        if (end) {
            get(admin.abortTransaction(new AbortTransactionSpec(
                            partition,
                            producer.producerId(),
                            (short) producer.producerEpoch(),
                            producer.coordinatorEpoch().orElse(0)))
                    .all());
        }
        return end;
    }

    private static Optional<TransactionState> stateAtTheCoordinator(Admin admin, long producerId) {
        return get(admin.listTransactions(new ListTransactionsOptions().filterProducerIds(Set.of(producerId)))
                        .all())
                .stream()
                .map(TransactionListing::transactionalId)
                .map(id -> get(admin.describeTransactions(List.of(id)).description(id))
                        .state())
                .findFirst();
    }

    private static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("cannot look for hanging transactions", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while looking for hanging transactions", e);
        }
    }
}
