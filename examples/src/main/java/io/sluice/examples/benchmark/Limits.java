package io.sluice.examples.benchmark;

import io.sluice.examples.cluster.ConnectRest;
import io.sluice.examples.cluster.KafkaServer;
import java.nio.ByteBuffer;
import java.util.Map;
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
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                kafka.bootstrapServers(),
                                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                                1),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            for (int sequence = 0; sequence < messages; sequence++) {
                producer.send(
                        new ProducerRecord<>(topic, "bench/" + sequence % KEYS, payload(run, sequence, payloadBytes)));
            }
            producer.flush();
            return tail.await(messages);
        }
    }

    private static byte[] payload(int run, int sequence, int bytes) {
        byte[] payload = new byte[bytes];
        Stamp.write(ByteBuffer.wrap(payload), run, 0, sequence, System.nanoTime());
        return payload;
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
