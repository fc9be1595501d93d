package io.sluice.assembly;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;

/**
 * Ends transactions that Kafka has left open and will never end itself, as {@code kafka-transactions.sh abort} does
 * (KIP-664): a Kafka that is killed in the wrong moment forgets one now and then, and Kafka Connect then waits for it for
 * ever.
 */
final class HangingTransactions {

    private HangingTransactions() {}

    /** Aborts what is open in a partition, and prints it. */
    static void abort(Admin admin, TopicPartition partition) {
        try {
            List<ProducerState> producers = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get(10, TimeUnit.SECONDS)
                    .activeProducers();
            for (ProducerState producer : producers) {
                if (producer.currentTransactionStartOffset().isPresent()) {
                    admin.abortTransaction(new AbortTransactionSpec(
                                    partition,
                                    producer.producerId(),
                                    (short) producer.producerEpoch(),
                                    producer.coordinatorEpoch().orElse(0)))
                            .all()
                            .get(10, TimeUnit.SECONDS);
                    System.out.printf(
                            "Kafka left a transaction open in %s, which was aborted: %s%n", partition, producer);
                }
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("cannot look for hanging transactions in " + partition, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
