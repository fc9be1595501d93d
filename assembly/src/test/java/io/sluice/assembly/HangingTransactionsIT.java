package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tests that kill Kafka may end, and what they may not. */
class HangingTransactionsIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of("exactly.once.source.support", "enabled"));

    @Test
    void a_transaction_whose_producer_is_at_work_is_left_alone() {
        String topic = "hanging";
        TopicPartition offsets = new TopicPartition("hanging-offsets", 0);
        INSTALLED.kafka().createTopic(topic, 1);
        INSTALLED.kafka().createTopic(offsets.topic(), 1);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        INSTALLED.kafka().bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "at-work"),
                new StringSerializer(),
                new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "message"));
            producer.send(new ProducerRecord<>(offsets.topic(), "offset"));
            producer.flush();

            HangingTransactions.end(INSTALLED.kafka(), topic, offsets);

            producer.commitTransaction();
        }
        try (TopicReader reader = new TopicReader(INSTALLED.kafka().bootstrapServers(), topic)) {
            assertThat(reader.read(1, Duration.ofSeconds(20))).hasSize(1);
        }
        try (TopicReader reader = new TopicReader(INSTALLED.kafka().bootstrapServers(), offsets.topic())) {
            assertThat(reader.read(1, Duration.ofSeconds(20))).hasSize(1);
        }
    }
}
