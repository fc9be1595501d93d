package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all topics with a prefix, also those that come later, and their new partitions, while the soak runs. */
final class SoakReader implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final long REFRESH_NANOS = Duration.ofSeconds(1).toNanos();
    private static final String ID = "mqtt.property." + SoakContent.ID;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String prefix;
    private final String deadLetters;
    private final SoakAccount account;
    private final Set<String> left = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::run, "soak-reader");
    private volatile Set<TopicPartition> assigned = Set.of();
    private volatile boolean closing;
    private volatile Optional<Throwable> failure = Optional.empty();

    SoakReader(String bootstrapServers, String prefix, String deadLetters, SoakAccount account) {
        this.prefix = prefix;
        this.deadLetters = deadLetters;
        this.account = account;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        thread.start();
    }

    private void run() {
        try (consumer) {
            long refresh = System.nanoTime();
            while (!closing) {
                if (System.nanoTime() - refresh >= 0) {
                    assignAll();
                    refresh = System.nanoTime() + REFRESH_NANOS;
                }
                if (assigned.isEmpty()) {
                    LockSupport.parkNanos(REFRESH_NANOS);
                } else {
                    consumer.poll(Duration.ofMillis(200)).forEach(this::arrived);
                }
            }
        } catch (RuntimeException e) {
            failure = Optional.of(e);
        }
    }

    private void assignAll() {
        Set<TopicPartition> all = consumer.listTopics().entrySet().stream()
                .filter(topic -> topic.getKey().startsWith(prefix) && !left.contains(topic.getKey()))
                .flatMap(topic -> topic.getValue().stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .collect(Collectors.toSet());
        if (!all.equals(assigned)) {
            Set<TopicPartition> added = new HashSet<>(all);
            added.removeAll(assigned);
            consumer.assign(all);
            if (!added.isEmpty()) { // none would mean all
                consumer.seekToBeginning(added);
            }
            assigned = Set.copyOf(all);
        }
    }

    private void arrived(ConsumerRecord<byte[], byte[]> record) {
        Header id = record.headers().lastHeader(ID);
        if (id == null) {
            throw new IllegalStateException("A record without an id is in " + record.topic() + ": " + record.headers());
        }
        account.arrived(
                new String(id.value(), UTF_8),
                new TopicPartition(record.topic(), record.partition()),
                record.topic().equals(deadLetters));
    }

    /** Why it no longer reads. */
    Optional<Throwable> failure() {
        return failure;
    }

    /** Reads a topic no more, which is going to be deleted. */
    void leave(String topic) {
        left.add(topic);
        await().atMost(TIMEOUT)
                .until(() -> assigned.stream()
                        .noneMatch(partition -> partition.topic().equals(topic)));
    }

    /** Reads a topic that is new under its name, from its beginning. */
    void readAgain(String topic) {
        left.remove(topic);
    }

    List<TopicPartition> partitions(String topic) {
        return assigned.stream()
                .filter(partition -> partition.topic().equals(topic))
                .toList();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
