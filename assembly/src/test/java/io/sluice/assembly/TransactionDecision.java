package io.sluice.assembly;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogValue;

/**
 * What Kafka decided of a producer's last transaction, read from the log of its coordinators: they themselves do not tell any
 * more once the producer has started again.
 */
enum TransactionDecision {
    COMMIT,
    ABORT,
    /** None is in the log. */
    NONE;

    private static final String LOG = "__transaction_state";

    static TransactionDecision of(String bootstrapServers, long producerId) {
        TransactionDecision last = NONE;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(LOG).stream()
                    .map(partition -> new TopicPartition(LOG, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    last = last.then(record, producerId);
                }
            }
        }
        return last;
    }

    private TransactionDecision then(ConsumerRecord<byte[], byte[]> record, long producerId) {
        if (record.value() == null) {
            return this;
        }
        ByteBuffer bytes = ByteBuffer.wrap(record.value());
        short version = bytes.getShort();
        TransactionLogValue value = new TransactionLogValue(new ByteBufferAccessor(bytes), version);
        if (value.producerId() != producerId) {
            return this;
        }
        return switch (TransactionState.fromId(value.transactionStatus())) {
            case PREPARE_COMMIT, COMPLETE_COMMIT -> COMMIT;
            case PREPARE_ABORT, COMPLETE_ABORT -> ABORT;
            case ONGOING -> NONE;
            default -> this;
        };
    }
}
