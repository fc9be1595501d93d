package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row of the tables in assembly/docs/migration.md does what it says; what values are is in {@link FormatsIT}. */
@Execution(ExecutionMode.CONCURRENT)
class MigrationIT {

    /** Settings of a topic that takes no large records. */
    private static final Map<String, String> SMALL_RECORDS = Map.of("max.message.bytes", "2000");

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void what_tbmq_says_of_topic_filters_topic_and_key_decides_where_records_go() throws Exception {
        Map<String, String> properties = connector("tbmq-records");
        properties.put("topic.filters", "tbmq/#,extra/+");
        properties.put("kafka.topic", "tbmq-records");
        properties.put("kafka.key", "my-key");
        connect.create("tbmq-records", properties);
        publish(properties, "tbmq/kafka-integration", 1, 1);
        publish(properties, "extra/1", 2, 2);
        publish(properties, "other", 3, 3);

        List<ConsumerRecord<byte[], byte[]>> records = connect.awaitExactly(2, "tbmq-records");
        assertThat(values(records)).containsExactlyInAnyOrder("1", "2");
        assertThat(records)
                .allSatisfy(record -> assertThat(record.key()).asString(UTF_8).isEqualTo("my-key"));
        connect.delete("tbmq-records");
    }

    @Test
    void without_a_key_records_have_none() throws Exception {
        Map<String, String> properties = connector("no-key");
        properties.put("kafka.key", "");
        connect.create("no-key", properties);
        publish(properties, "sensors/1", 1, 1);

        assertThat(connect.awaitExactly(1, "no-key").get(0).key()).isNull();
        connect.delete("no-key");
    }

    @ParameterizedTest
    @CsvSource({"all, none", "1, lz4"})
    void the_settings_of_the_producer_take_effect_and_records_arrive(String acks, String compression) throws Exception {
        publishWith(acks, compression);
    }

    @Tag("nightly")
    @ParameterizedTest
    @CsvSource({"all, gzip", "1, snappy", "0, zstd"})
    void so_do_all_others(String acks, String compression) throws Exception {
        publishWith(acks, compression);
    }

    private void publishWith(String acks, String compression) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "acks", acks,
                "compression.type", compression,
                "retries", "3",
                "retry.backoff.ms", "1000",
                "batch.size", "32768",
                "linger.ms", "5",
                "buffer.memory", "16777216",
                "delivery.timeout.ms", "30000",
                "request.timeout.ms", "20000",
                "max.request.size", "2000000"));
        String name = "settings-" + compression;
        Map<String, String> properties = watched(name);
        settings.forEach((setting, value) -> properties.put("producer.override." + setting, value));
        connect.create(name, properties);
        publish(properties, "sensors/1", 1, 3);

        assertThat(values(connect.awaitExactly(3, name))).containsExactly("1", "2", "3");
        Map<String, ?> effective = ProducerWatch.config(name).values();
        settings.replace("acks", "all", "-1");
        settings.forEach((setting, value) ->
                assertThat(effective.get(setting)).as(setting).hasToString(value));
        connect.delete(name);
    }

    @Test
    void compression_compresses() throws Exception {
        Map<String, String> properties = watched("compressed");
        properties.put("producer.override.compression.type", "zstd");
        connect.create("compressed", properties);
        publish(properties, new byte[10_000]);

        assertThat(connect.awaitExactly(1, "compressed").get(0).value()).hasSize(10_000);
        assertThat(ProducerWatch.figure("compressed", "compression-rate-avg")).isLessThan(0.5);
        connect.delete("compressed");
    }

    @Test
    void headers_of_ones_own_are_in_the_charset_that_is_asked_for() throws Exception {
        Map<String, String> properties = connector("charset");
        properties.put("kafka.header.site", "Küche {{1}");
        properties.put("kafka.headers.charset", "ISO-8859-1");
        properties.put("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        connect.create("charset", properties);
        publish(properties, "sensors/1", 1, 1);

        assertThat(connect.awaitExactly(1, "charset")
                        .get(0)
                        .headers()
                        .lastHeader("site")
                        .value())
                .isEqualTo("Küche {1}".getBytes(ISO_8859_1));
        connect.delete("charset");
    }

    @Test
    void discard_drops_what_kafka_refuses_and_goes_on() throws Exception {
        Map<String, String> properties = watched("discard");
        properties.put("errors.tolerance", "all");
        properties.put("dead.letter.topic", "");
        properties.put("producer.override.retries", "0");
        properties.put("producer.override.enable.idempotence", "false");
        connect.createTopic("discard", SMALL_RECORDS);
        connect.configure("discard", properties);
        connect.awaitRunning("discard");
        publish(properties, new byte[5_000]);
        publish(properties, "sensors/1", 2, 2);

        assertThat(values(connect.awaitExactly(1, "discard"))).containsExactly("2");
        assertThat(ProducerWatch.figure("discard", "record-error-total")).isEqualTo(1);
        connect.delete("discard");
    }

    @Test
    void discard_drops_what_kafka_does_not_take_in_time() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Map<String, String> properties = watched("late");
            properties.put("errors.tolerance", "all");
            properties.put("producer.override.bootstrap.servers", "127.0.0.1:" + silent.getLocalPort());
            properties.put("producer.override.max.block.ms", "500");
            connect.configure("late", properties);
            connect.awaitRunning("late");
            publish(properties, "sensors/1", 1, 2);

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(heldBack(properties)).isZero());
            connect.awaitRunning("late");
            connect.delete("late");
        }
    }

    @Test
    void without_a_strategy_what_kafka_refuses_stops_the_task_and_is_kept() throws Exception {
        Map<String, String> properties = watched("kept");
        connect.createTopic("kept", SMALL_RECORDS);
        connect.createTopic("kept-after-all");
        connect.configure("kept", properties);
        connect.awaitRunning("kept");
        publish(properties, new byte[5_000]);
        assertThat(connect.awaitFailure("kept")).contains("RecordTooLargeException");

        properties.put("kafka.topic", "kept-after-all");
        connect.configure("kept", properties);
        connect.awaitRunning("kept");
        assertThat(connect.awaitExactly(1, "kept-after-all").get(0).value()).hasSize(5_000);
        connect.delete("kept");
    }

    @Test
    void the_dead_message_queue_has_what_can_never_be_a_record() throws Exception {
        Map<String, String> properties = connector("queue");
        properties.put("dead.letter.topic", "dead_letter_queue");
        properties.put("record.max.bytes", "1000");
        connect.createTopic("dead_letter_queue");
        connect.create("queue", properties);
        publish(properties, new byte[2_000]);
        publish(properties, "sensors/1", 2, 2);

        ConsumerRecord<byte[], byte[]> letter =
                connect.awaitExactly(1, "dead_letter_queue").get(0);
        assertThat(letter.value()).isEqualTo(new byte[2_000]);
        assertThat(letter.headers().lastHeader("sluice.error.message").value())
                .asString(UTF_8)
                .contains("more than record.max.bytes 1000");
        assertThat(values(connect.awaitExactly(1, "queue"))).containsExactly("2");
        connect.delete("queue");
    }

    @Test
    void records_go_to_another_kafka_than_the_workers_which_also_gets_the_topic() throws Exception {
        Map<String, String> properties = elsewhere("elsewhere");
        connect.configure("elsewhere", properties);
        connect.awaitRunning("elsewhere");
        publish(properties, "sensors/1", 1, 3);

        assertThat(values(connect.elsewhere().awaitExactly(3, "elsewhere"))).containsExactly("1", "2", "3");
        assertThat(connect.kafka().hasTopic("elsewhere")).isFalse();
        connect.restartTask("elsewhere");
        publish(properties, "sensors/1", 4, 4);
        assertThat(values(connect.elsewhere().awaitExactly(4, "elsewhere"))).containsExactly("1", "2", "3", "4");
        connect.delete("elsewhere");
    }

    @Test
    void security_settings_of_all_three_clients_open_a_kafka_that_asks_who_comes() throws Exception {
        Map<String, String> properties = elsewhere("secured");
        for (String client : List.of("producer", "admin", "consumer")) {
            properties.put(
                    client + ".override.bootstrap.servers", connect.elsewhere().saslServers());
            properties.put(client + ".override.security.protocol", "SASL_PLAINTEXT");
            properties.put(client + ".override.sasl.mechanism", "PLAIN");
            properties.put(
                    client + ".override.sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + KafkaUnderTest.USER
                            + "\" password=\"" + KafkaUnderTest.PASSWORD + "\";");
        }
        connect.configure("secured", properties);
        connect.awaitRunning("secured");
        publish(properties, "sensors/1", 1, 3);

        assertThat(values(connect.elsewhere().awaitExactly(3, "secured"))).containsExactly("1", "2", "3");
        connect.delete("secured");
    }

    /** A connector for the second Kafka, in which it creates its topic. */
    private Map<String, String> elsewhere(String name) {
        Map<String, String> properties = connector(name);
        for (String client : List.of("producer", "admin", "consumer")) {
            properties.put(
                    client + ".override.bootstrap.servers", connect.elsewhere().bootstrapServers());
        }
        properties.put("topic.creation.default.partitions", "1");
        properties.put("topic.creation.default.replication.factor", "1");
        return properties;
    }

    /** A connector whose producer has its name as client id and can be looked at. */
    private static Map<String, String> watched(String name) {
        Map<String, String> properties = connector(name);
        properties.put("producer.override." + ProducerConfig.CLIENT_ID_CONFIG, name);
        properties.put(
                "producer.override." + ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ProducerWatch.class.getName());
        return properties;
    }

    private static void publish(Map<String, String> properties, String topic, int from, int to) {
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish(topic, MqttQos.AT_LEAST_ONCE, from, to);
        }
    }

    private static void publish(Map<String, String> properties, byte[] payload) {
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.client()
                    .publishWith()
                    .topic("sensors/1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(payload)
                    .send()
                    .join();
        }
    }

    /** A connector of a name, whose broker stays for a while when it is reconfigured. */
    private static Map<String, String> connector(String name) {
        Map<String, String> properties = ConnectCluster.connector(name, folders);
        properties.put("broker.linger.ms", "5000");
        return properties;
    }
}
