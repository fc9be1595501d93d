package io.sluice.examples;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The records of a Kafka topic, from its beginning on, as they arrive. Not thread-safe. */
final class Arrivals implements AutoCloseable {

    private final KafkaConsumer<String, String> consumer;

    Arrivals(String bootstrapServers, String topic) {
        consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new StringDeserializer(),
                new StringDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** What has arrived since the last call; waits for something up to the given time. */
    ConsumerRecords<String, String> next(Duration atMost) {
        return consumer.poll(atMost);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
