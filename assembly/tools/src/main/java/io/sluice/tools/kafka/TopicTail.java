package io.sluice.tools.kafka;

import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The end of a Kafka topic: the last records of all its partitions in the order of their times, and those that come after
 * them. It sees no record of a transaction that is not over, commits nothing, and creates no topic. One thread uses it.
 *
 * <p>Methods throw {@link ToolException} with a sentence.
 */
public final class TopicTail implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    private final String kafka;
    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    private TopicTail(String kafka, String topic, Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        this.kafka = kafka;
        this.topic = topic;
        this.consumer = consumer;
        this.partitions = partitions;
    }

    /**
     * Finds a topic.
     *
     * @param kafka host and port, several with commas
     * @param settings further settings of the client, such as for TLS
     * @throws ToolException if Kafka does not answer within a quarter of a minute, or does not have the topic
     */
    public static TopicTail of(String kafka, Map<String, String> settings, String topic) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        all.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        try {
            Consumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            try {
                List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .toList();
                if (partitions.isEmpty()) {
                    throw ToolException.failed("Kafka has no topic " + topic + ".");
                }
                consumer.assign(partitions);
                return new TopicTail(kafka, topic, consumer, partitions);
            } catch (RuntimeException e) {
                consumer.close();
                throw e;
            }
        } catch (KafkaException e) {
            throw failure(kafka, topic, e);
        }
    }

    /** The last records, oldest first. */
    public List<ConsumerRecord<byte[], byte[]>> last(int count) {
        return last(count, record -> true, count, Long.MAX_VALUE);
    }

    /**
     * The last records that are wanted, oldest first.
     *
     * @param looked how many records of each partition are looked at
     * @param count how many records at most
     * @param bytes how large all of them may be together; the last one may be larger
     */
    public List<ConsumerRecord<byte[], byte[]>> last(
            int looked, Predicate<ConsumerRecord<byte[], byte[]>> wanted, int count, long bytes) {
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            ends.forEach((partition, end) ->
                    consumer.seek(partition, Math.max(beginnings.getOrDefault(partition, 0L), end - looked)));
            Newest newest = new Newest(count, bytes);
            Instant patience = Instant.now().plus(PATIENCE);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : polled) {
                    if (wanted.test(record)) {
                        newest.add(record);
                    }
                }
                if (!polled.isEmpty()) {
                    patience = Instant.now().plus(PATIENCE);
                } else if (Instant.now().isAfter(patience)) {
                    throw new TimeoutException("no record in " + PATIENCE.toSeconds() + " s");
                }
            }
            return newest.oldestFirst();
        } catch (KafkaException e) {
            throw failure(kafka, topic, e);
        }
    }

    /** The newest of many records, of which only these are kept in memory. */
    private static final class Newest {

        private static final Comparator<ConsumerRecord<byte[], byte[]>> OLDEST =
                Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
                        .thenComparingLong(ConsumerRecord::offset);

        private final PriorityQueue<ConsumerRecord<byte[], byte[]>> records = new PriorityQueue<>(OLDEST);
        private final int count;
        private final long mostBytes;
        private long bytes;

        Newest(int count, long mostBytes) {
            this.count = count;
            this.mostBytes = mostBytes;
        }

        void add(ConsumerRecord<byte[], byte[]> record) {
            records.add(record);
            bytes += size(record);
            while (records.size() > count || (bytes > mostBytes && records.size() > 1)) {
                bytes -= size(records.remove());
            }
        }

        private static long size(ConsumerRecord<byte[], byte[]> record) {
            long size = (long) Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
            for (Header header : record.headers()) {
                size += header.key().length() + (header.value() == null ? 0 : header.value().length);
            }
            return size;
        }

        List<ConsumerRecord<byte[], byte[]>> oldestFirst() {
            return records.stream().sorted(OLDEST).toList();
        }
    }

    /** What has come since; waits for a moment if there is nothing. */
    public Iterable<ConsumerRecord<byte[], byte[]>> next() {
        try {
            return consumer.poll(POLL);
        } catch (KafkaException e) {
            throw failure(kafka, topic, e);
        }
    }

    private static ToolException failure(String kafka, String topic, KafkaException e) {
        if (e instanceof TimeoutException) {
            return KafkaView.silent(kafka, e);
        }
        Throwable cause = e.getCause() instanceof ConfigException config ? config : e;
        return new ToolException(
                cause instanceof ConfigException ? ExitCode.USAGE : ExitCode.FAILED,
                "The topic " + topic + " of Kafka at " + kafka + " cannot be read: " + cause.getMessage(),
                e);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
