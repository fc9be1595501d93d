package io.sluice.benchmark;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/** Reads what Kafka has committed of a topic, from now on, into a tally. */
final class KafkaTail implements AutoCloseable {

    /** When nothing has arrived for so long, nothing more will. */
    static final Duration QUIET = Duration.ofSeconds(5);

    private final KafkaConsumer<ByteBuffer, ByteBuffer> consumer;
    private final Tally tally;
    private final boolean stamped;
    private final Thread thread;
    private volatile int expected = Integer.MAX_VALUE;
    private volatile Duration patience = QUIET;
    private volatile boolean closed;

    /** Begins to read at the end of the topic. */
    KafkaTail(String bootstrapServers, String topic, Tally tally) {
        this(bootstrapServers, topic, tally, true, true);
    }

    /** The same, of records whose values do not begin with what was published: they are counted. */
    static KafkaTail counting(String bootstrapServers, String topic, Tally tally) {
        return new KafkaTail(bootstrapServers, topic, tally, true, false);
    }

    /** Reads the topic from its beginning. */
    static KafkaTail fromTheBeginning(String bootstrapServers, String topic, Tally tally) {
        return new KafkaTail(bootstrapServers, topic, tally, false, true);
    }

    private KafkaTail(String bootstrapServers, String topic, Tally tally, boolean fromTheEnd, boolean stamped) {
        this.tally = tally;
        this.stamped = stamped;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        10_000),
                new ByteBufferDeserializer(),
                new ByteBufferDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        if (fromTheEnd) {
            consumer.seekToEnd(partitions);
        } else {
            consumer.seekToBeginning(partitions);
        }
        partitions.forEach(consumer::position);
        this.thread = new Thread(this::read, "kafka-tail");
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (consumer) {
            readUntilAllIsHere();
        }
    }

    private void readUntilAllIsHere() {
        long lastNs = System.nanoTime();
        while (!closed && tally.arrived() < expected) {
            boolean any = false;
            for (ConsumerRecord<ByteBuffer, ByteBuffer> record : consumer.poll(Duration.ofMillis(100))) {
                if (stamped) {
                    tally.add(Stamp.read(record.value()), System.nanoTime(), record.timestamp());
                } else {
                    tally.count(System.nanoTime(), record.timestamp());
                }
                any = true;
            }
            long nowNs = System.nanoTime();
            if (any || expected == Integer.MAX_VALUE) {
                lastNs = nowNs;
            } else if (nowNs - lastNs > patience.toNanos()) {
                return;
            }
        }
    }

    /** Waits until so many different messages have arrived, or none has for a while; returns the tally. */
    Tally await(int messages) throws InterruptedException {
        return await(messages, QUIET);
    }

    /** The same with another notion of a while. */
    Tally await(int messages, Duration longestSilence) throws InterruptedException {
        patience = longestSilence;
        expected = messages;
        thread.join();
        return tally;
    }

    /**
     * Waits for a while for so many different messages.
     *
     * @return whether they may still come: neither are they all here, nor has nothing come for the longest silence
     */
    boolean isReading(int messages, Duration longestSilence, Duration wait) throws InterruptedException {
        patience = longestSilence;
        expected = messages;
        thread.join(wait.toMillis());
        return thread.isAlive();
    }

    /** Lets the reading thread end, which closes its consumer. */
    @Override
    public void close() {
        closed = true;
    }
}
