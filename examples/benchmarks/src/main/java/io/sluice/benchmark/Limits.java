package io.sluice.benchmark;

import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.KafkaServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What no way from MQTT to Kafka can be faster than: each part alone. */
final class Limits {

    private static final int KEYS = 16;

    private Limits() {}

    /** A Kafka producer alone, with the settings that Kafka Connect has with the first configuration, to a consumer. */
    static Tally producer(KafkaServer kafka, String topic, int run, int messages, int payloadBytes)
            throws InterruptedException {
        Tally tally = new Tally(run, 1);
        try (KafkaTail tail = new KafkaTail(kafka.bootstrapServers(), topic, tally);
                KafkaProducer<String, byte[]> producer = likeConnect(kafka)) {
            for (int sequence = 0; sequence < messages; sequence++) {
                producer.send(
                        new ProducerRecord<>(topic, "bench/" + sequence % KEYS, payload(run, sequence, payloadBytes)));
            }
            producer.flush();
            return tail.await(messages);
        }
    }

    private static KafkaProducer<String, byte[]> likeConnect(KafkaServer kafka) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka.bootstrapServers(),
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        1),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static byte[] payload(int run, int sequence, int bytes) {
        byte[] payload = new byte[bytes];
        Stamp.write(ByteBuffer.wrap(payload), run, 0, sequence, System.nanoTime());
        return payload;
    }

    /** How long a record takes from a Kafka producer to a consumer at a steady rate, in nanoseconds. */
    static Histogram latency(KafkaServer kafka, String topic, int run, int perSecond, int seconds, int payloadBytes)
            throws InterruptedException {
        int messages = perSecond * seconds;
        Tally tally = new Tally(run, 1);
        try (KafkaTail tail = new KafkaTail(kafka.bootstrapServers(), topic, tally);
                KafkaProducer<String, byte[]> producer = likeConnect(kafka)) {
            long beginNs = System.nanoTime();
            for (int sequence = 0; sequence < messages; sequence++) {
                long dueNs = beginNs + sequence * 1_000_000_000L / perSecond;
                for (long early = dueNs - System.nanoTime(); early > 0; early = dueNs - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                byte[] payload = new byte[payloadBytes];
                Stamp.write(ByteBuffer.wrap(payload), run, 0, sequence, dueNs);
                producer.send(new ProducerRecord<>(topic, "bench/" + sequence % KEYS, payload));
            }
            return tail.await(messages).latency();
        }
    }

    /** How long it takes to append the messages of a millisecond to a file, and to force it, in nanoseconds. */
    static Histogram groupCommit(Path folder, int perSecond, int seconds, int payloadBytes) throws IOException {
        Histogram latency = new Histogram(3);
        ByteBuffer group = ByteBuffer.allocateDirect(Math.max(1, perSecond / 1_000) * payloadBytes);
        Path file = folder.resolve("group-commits");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long beginNs = System.nanoTime();
            for (int millis = 0; millis < 1_000 * seconds; millis++) {
                long early = beginNs + millis * 1_000_000L - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                }
                long startNs = System.nanoTime();
                group.clear();
                while (group.hasRemaining()) {
                    channel.write(group);
                }
                channel.force(false);
                latency.recordValue(System.nanoTime() - startNs);
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return latency;
    }

    /** Kafka Connect with a source whose records cost nothing, to a consumer. */
    static Tally readyMade(KafkaServer kafka, ConnectRest worker, String topic, int run, int messages, int payloadBytes)
            throws InterruptedException {
        Tally tally = new Tally(run, 1);
        try (KafkaTail tail = new KafkaTail(kafka.bootstrapServers(), topic, tally)) {
            worker.create(
                    "ready-made-" + run,
                    Map.of(
                            "connector.class",
                            ReadyMadeSourceConnector.class.getName(),
                            "tasks.max",
                            "1",
                            ReadyMadeSourceTask.TOPIC,
                            topic,
                            ReadyMadeSourceTask.RUN,
                            Integer.toString(run),
                            ReadyMadeSourceTask.MESSAGES,
                            Integer.toString(messages),
                            ReadyMadeSourceTask.PAYLOAD_BYTES,
                            Integer.toString(payloadBytes),
                            "key.converter",
                            "org.apache.kafka.connect.storage.StringConverter",
                            "value.converter",
                            "org.apache.kafka.connect.converters.ByteArrayConverter"));
            try {
                return tail.await(messages);
            } finally {
                worker.delete("ready-made-" + run);
            }
        }
    }
}
