package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A connector that runs and delivers nothing says why. */
@Execution(ExecutionMode.CONCURRENT)
class SilenceIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void a_topic_that_is_missing_and_that_nobody_creates_is_said_within_seconds_and_so_is_its_end() throws Exception {
        Map<String, String> properties = connector("unheard");
        connect.configure("unheard", properties);
        connect.awaitRunning("unheard");
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(EventHistory.lines("unheard"))
                        .anySatisfy(event -> assertThat(event)
                                .contains(
                                        "kafka.silent",
                                        "Kafka Connect waits with a record for the topic unheard",
                                        "topic.creation.default.partitions")));
        connect.createTopic("unheard");
        assertThat(values(connect.awaitExactly(1, "unheard"))).containsExactly("1");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(EventHistory.of("unheard")).contains("kafka.answers"));
        connect.delete("unheard");
    }

    @Test
    void a_missing_topic_of_dead_letters_is_told_at_the_start_and_when_it_holds_up_records_and_so_is_the_remedy()
            throws Exception {
        Map<String, String> properties = connector("unburied");
        properties.put("value.format", "string");
        properties.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("dead.letter.topic", "unburied-letters");
        connect.create("unburied", properties);
        assertThat(EventHistory.lines("unburied"))
                .anySatisfy(event -> assertThat(event)
                        .contains(
                                "connector.advice", "with them unburied-letters", "topic.creation.default.partitions"));
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.client()
                    .publishWith()
                    .topic("sensors/1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(new byte[] {(byte) 0xff})
                    .send()
                    .join();
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(EventHistory.lines("unburied"))
                        .anySatisfy(event -> assertThat(event)
                                .contains(
                                        "kafka.silent",
                                        "Kafka Connect waits with a record for the topic unburied-letters: if Kafka has"
                                                + " no such topic, create it",
                                        "topic.creation.default.partitions")));
        assertThat(new TaskMBeans("unburied").ofTask("sluice-kafka-silence-ms")).isGreaterThan(5_000);
        connect.awaitRunning("unburied");
        connect.createTopic("unburied-letters");
        assertThat(connect.awaitExactly(1, "unburied-letters").get(0).value()).isEqualTo("/w==".getBytes(US_ASCII));
        assertThat(values(connect.awaitExactly(1, "unburied"))).containsExactly("1");
        connect.delete("unburied");
    }

    @Test
    void a_kafka_of_its_own_that_lacks_a_topic_or_is_away_is_a_warning_and_no_refusal() throws Exception {
        Map<String, String> lacking = connector("lacking");
        lacking.put("producer.override.bootstrap.servers", connect.elsewhere().bootstrapServers());
        connect.configure("lacking", lacking);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(EventHistory.lines("lacking"))
                        .anySatisfy(event -> assertThat(event)
                                .contains("connector.warning", "kafka.topic is lacking, a topic that the Kafka at")));
        connect.delete("lacking");

        Map<String, String> away = connector("away");
        away.put("producer.override.bootstrap.servers", "127.0.0.1:1");
        connect.configure("away", away);
        connect.awaitRunning("away");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(EventHistory.lines("away"))
                        .anySatisfy(event -> assertThat(event)
                                .contains("connector.warning", "The Kafka at 127.0.0.1:1 did not answer within 5 s")));
        connect.delete("away");
    }

    @Test
    void small_batches_are_said_where_the_user_is() throws Exception {
        Map<String, String> properties = connector("small");
        connect.create("small", properties);
        assertThat(EventHistory.lines("small"))
                .anySatisfy(event -> assertThat(event).contains("connector.advice", "producer.override.batch.size"));
        connect.delete("small");
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
