package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.TemporaryFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tests that kill Kafka may end of its transactions, and what they may not. */
class HangingTransactionsIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of("exactly.once.source.support", "enabled"));

    private static final String TOPIC = "hanging";
    private static final TopicPartition OFFSETS = new TopicPartition("hanging-offsets", 0);
    private static final int PRODUCERS = 12;
    private static final int ROUNDS = 15;
    private static final int ABORTED_BEFORE_THE_KILL = 200;

    @Test
    void a_transaction_whose_producer_is_at_work_is_left_alone() {
        KafkaServer kafka = INSTALLED.kafka();
        kafka.createTopic(TOPIC, 1);
        kafka.createTopic(OFFSETS.topic(), 1);
        try (KafkaProducer<String, String> producer = producer(kafka, 0)) {
            producer.initTransactions();
            send(producer, 0, "message");

            assertThat(HangingTransactions.end(kafka, TOPIC, OFFSETS)).isZero();

            producer.commitTransaction();
        }
        assertThat(committed(kafka, TOPIC, 1)).hasSize(1);
        assertThat(committed(kafka, OFFSETS.topic(), 1)).hasSize(1);
    }

    /** Kills Kafka among transactions that are aborted, until it has lost the end of one. */
    @Test
    @Tag("soak")
    void what_kafka_forgot_to_abort_is_ended_before_it_is_sent_again() throws Exception {
        try (TemporaryFolder folder = TemporaryFolder.create("sluice-hanging-");
                KafkaServer kafka = new KafkaServer(Path.of(System.getProperty("kafka.libraries")), folder.path())) {
            kafka.start();
            kafka.createTopic(TOPIC, PRODUCERS);
            kafka.createTopic(OFFSETS.topic(), 1);
            int ended = 0;
            for (int round = 0; round < ROUNDS && ended == 0; round++) {
                abortUntilKafkaIsKilled(kafka, round);
                kafka.start();
                ended = sendAgain(kafka, round);
            }
            assumeThat(ended).as("transactions that this Kafka has forgotten").isPositive();
        }
    }

    private static void abortUntilKafkaIsKilled(KafkaServer kafka, int round) throws Exception {
        List<KafkaProducer<String, String>> producers = producers(kafka);
        AtomicInteger aborted = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                int partition = i;
                running.add(threads.submit(() -> {
                    try {
                        while (true) {
                            send(producers.get(partition), partition, value(partition, round));
                            producers.get(partition).abortTransaction();
                            aborted.incrementAndGet();
                        }
                    } catch (KafkaException | IllegalStateException e) {
                        // Kafka was killed, or the producer was closed because of it.
                    }
                }));
            }
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> aborted.get() > ABORTED_BEFORE_THE_KILL);
            kafka.kill();
            producers.forEach(producer -> producer.close(Duration.ZERO));
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** As tasks do that start again; what an operator ends is ended in between. */
    private static int sendAgain(KafkaServer kafka, int round) {
        List<KafkaProducer<String, String>> producers = producers(kafka);
        try {
            int ended = HangingTransactions.end(kafka, TOPIC, OFFSETS);
            for (int partition = 0; partition < PRODUCERS; partition++) {
                send(producers.get(partition), partition, value(partition, round));
                producers.get(partition).commitTransaction();
            }
            List<String> once = IntStream.rangeClosed(0, round)
                    .boxed()
                    .flatMap(each -> IntStream.range(0, PRODUCERS).mapToObj(partition -> value(partition, each)))
                    .toList();
            assertThat(committed(kafka, TOPIC, once.size())).containsExactlyInAnyOrderElementsOf(once);
            return ended;
        } finally {
            producers.forEach(producer -> producer.close(Duration.ZERO));
        }
    }

    private static String value(int partition, int round) {
        return partition + " in round " + round;
    }

    /** Whatever their former selves left is aborted, so far as Kafka knows of it. */
    private static List<KafkaProducer<String, String>> producers(KafkaServer kafka) {
        List<KafkaProducer<String, String>> producers = IntStream.range(0, PRODUCERS)
                .mapToObj(id -> producer(kafka, id))
                .toList();
        producers.forEach(KafkaProducer::initTransactions);
        return producers;
    }

    private static KafkaProducer<String, String> producer(KafkaServer kafka, int id) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "hanging-" + id,
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        "3000"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static void send(KafkaProducer<String, String> producer, int partition, String value) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TOPIC, partition, null, value));
        producer.send(new ProducerRecord<>(OFFSETS.topic(), "offset", value));
        producer.flush();
    }

    private static List<String> committed(KafkaServer kafka, String topic, int atLeast) {
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), topic)) {
            return reader.read(atLeast, Duration.ofSeconds(20)).stream()
                    .map(record -> new String(record.value(), UTF_8))
                    .toList();
        }
    }
}
