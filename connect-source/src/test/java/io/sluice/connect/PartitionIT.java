package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.headers;
import static io.sluice.connect.ConnectCluster.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.connect.kafka.AskedPartitions;
import io.sluice.connect.kafka.TopicCreation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A route that chooses the partition. */
class PartitionIT {

    private static final String LETTERS = "parted-letters";

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    @TempDir
    private static Path folders;

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void records_are_in_the_partitions_that_messages_name_and_one_that_is_not_there_costs_its_message_alone()
            throws Exception {
        connect.kafka().createTopic("parted-a", 3, Map.of());
        connect.kafka().createTopic("parted-b", 3, Map.of());
        connect.createTopic(LETTERS);
        Map<String, String> properties = ConnectCluster.connector("parted", folders);
        properties.putAll(Map.of(
                "kafka.topic", "parted-{topic[1]}",
                "kafka.partition", "{json:/p}",
                "kafka.key", "same",
                "topic.creation.default.partitions", "2",
                "topic.creation.default.replication.factor", "1",
                "producer.override.bootstrap.servers", connect.kafka().bootstrapServers(),
                "dead.letter.topic", LETTERS));
        connect.create("parted", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            publish(device, "a", "{\"p\":2}");
            publish(device, "a", "{\"p\":3}");
            publish(device, "a", "{\"p\":1.0}");
            publish(device, "a", "{}");
            publish(device, "a", "{\"p\":\"0\"}");
            publish(device, "missing", "{\"p\":1}");
            publish(device, "missing", "{\"p\":2}");
            publish(device, "b", "{\"p\":3}");

            assertThat(partitions(connect.awaitExactly(2, "parted-a"))).containsExactly(0, 2);
            assertThat(partitions(connect.awaitExactly(1, "parted-missing"))).containsExactly(1);
            assertThat(connect.awaitExactly(5, LETTERS))
                    .extracting(letter -> headers(letter).get("sluice.error.message"))
                    .satisfiesExactlyInAnyOrder(
                            error -> assertThat(error)
                                    .contains("its partition would be 3, made from kafka.partition {json:/p}, and its"
                                            + " Kafka topic parted-a has 3, counted from 0"),
                            error -> assertThat(error).contains("is no partition, which is a whole number from 0 on"),
                            error -> assertThat(error).contains("no value for every placeholder of kafka.partition"),
                            error -> assertThat(error).contains("its Kafka topic parted-missing has 2"),
                            error -> assertThat(error).contains("its Kafka topic parted-b has 3"));

            grow("parted-b", 4);
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                publish(device, "b", "{\"p\":3}");
                assertThat(partitions(connect.records("parted-b"))).contains(3);
            });
        }
        connect.delete("parted");
    }

    @Test
    void a_topic_that_is_missing_has_the_partitions_that_it_got_as_soon_as_it_is_there() throws Exception {
        try (AskedPartitions asked = new AskedPartitions(
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        connect.kafka().bootstrapServers()),
                TopicCreation.of(Map.of("topic.creation.default.partitions", "4")))) {
            asked.learn("parted-late", 1);
            assertThat(asked.of("parted-late")).isEqualTo(4);

            connect.kafka().createTopic("parted-late", 2, Map.of());
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                asked.learn("parted-late", 1);
                assertThat(asked.of("parted-late")).isEqualTo(2);
            });
        }
    }

    private static void publish(Device device, String topic, String payload) {
        device.client()
                .publishWith()
                .topic("sensors/" + topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send()
                .join();
    }

    private void grow(String topic, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, connect.kafka().bootstrapServers()))) {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                    .all()
                    .get();
        }
    }

    private static List<Integer> partitions(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(ConsumerRecord::partition).toList();
    }
}
