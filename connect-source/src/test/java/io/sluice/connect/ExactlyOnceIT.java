package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.connect.config.SourceConfig;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The same, with a worker that writes records and offsets in one transaction (KIP-618). */
class ExactlyOnceIT {

    @TempDir
    private static Path folders;

    /** At least once, into a separate Kafka. */
    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private static ConnectCluster connect;

    @BeforeAll
    static void startCluster() {
        connect = ConnectCluster.start(ConnectCluster.EXACTLY_ONCE);
    }

    @AfterAll
    static void stopCluster() {
        connect.close();
    }

    @Test
    void restarts_neither_lose_nor_repeat_nor_reorder_a_message() throws Exception {
        Map<String, String> properties = connector("once");
        properties.put("broker.linger.ms", "20000");
        properties.put("poll.max.records", "20");
        connect.create("once", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            List<CompletableFuture<Void>> published = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                published.add(device.publishing("sensors/1", MqttQos.EXACTLY_ONCE, round * 300 + 1, round * 300 + 300));
                connect.restartTask("once");
            }
            published.forEach(CompletableFuture::join);
        }

        assertThat(values(connect.awaitExactly(900, "once"))).isEqualTo(numbers(1, 900));
        connect.replaceWorker();
        connect.awaitRunning("once");
        connect.awaitExactly(900, "once");
        connect.delete("once");
    }

    @Test
    void a_batch_that_a_transformation_drops_as_a_whole_is_dealt_with() throws Exception {
        Map<String, String> properties = connector("filtered");
        properties.put("ack.mode", "delivered");
        properties.put("transforms", "quiet");
        properties.put("transforms.quiet.type", "org.apache.kafka.connect.transforms.Filter");
        properties.put("transforms.quiet.predicate", "noise");
        properties.put("predicates", "noise");
        properties.put("predicates.noise.type", "org.apache.kafka.connect.transforms.predicates.HasHeaderKey");
        properties.put("predicates.noise.name", "mqtt.property.noise");
        connect.create("filtered", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            for (int number = 1; number <= 3; number++) {
                noise(device, number).get(20, TimeUnit.SECONDS);
            }
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 4, 5);
            noise(device, 6).get(20, TimeUnit.SECONDS);
        }
        connect.restartTask("filtered");

        assertThat(values(connect.awaitExactly(2, "filtered"))).containsExactly("4", "5");
        connect.delete("filtered");
    }

    @Test
    void every_route_has_every_message_once_through_restarts() throws Exception {
        Map<String, String> properties = connector("routed");
        properties.put("broker.linger.ms", "20000");
        properties.put("poll.max.records", "10");
        properties.put("routes", "raw,alarms");
        properties.put("route.raw.topic.filters", "sensors/#");
        properties.put("route.alarms.topic.filters", "sensors/+/alarm");
        properties.put("route.alarms.kafka.topic", "routed-{topic[-1]}");
        connect.createTopic("routed-alarm");
        connect.create("routed", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            CompletableFuture<Void> alarms = device.publishing("sensors/1/alarm", MqttQos.EXACTLY_ONCE, 1, 200);
            connect.restartTask("routed");
            connect.restartTask("routed");
            alarms.join();
            device.publish("sensors/1/temp", MqttQos.EXACTLY_ONCE, 201, 210);
        }

        assertThat(values(connect.awaitExactly(210, "routed"))).hasSameElementsAs(numbers(1, 210));
        assertThat(values(connect.awaitExactly(200, "routed-alarm"))).isEqualTo(numbers(1, 200));
        connect.delete("routed");
    }

    @Test
    void every_dead_letter_is_there_once_through_restarts() throws Exception {
        Map<String, String> properties = connector("letters");
        properties.put("broker.linger.ms", "20000");
        properties.put("poll.max.records", "10");
        properties.put("routes", "raw,named");
        properties.put("route.raw.topic.filters", "sensors/#");
        properties.put("route.named.topic.filters", "sensors/#");
        properties.put("route.named.kafka.topic", "letters-{username}");
        properties.put("dead.letter.topic", "letters-dead");
        connect.createTopic("letters-dead");
        connect.create("letters", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            CompletableFuture<Void> published = device.publishing("sensors/1", MqttQos.EXACTLY_ONCE, 1, 200);
            connect.restartTask("letters");
            connect.restartTask("letters");
            published.join();
        }

        assertThat(values(connect.awaitExactly(200, "letters"))).isEqualTo(numbers(1, 200));
        assertThat(values(connect.awaitExactly(200, "letters-dead"))).isEqualTo(numbers(1, 200));
        connect.delete("letters");
    }

    @Test
    void records_and_offsets_go_to_another_kafka_together() throws Exception {
        Map<String, String> properties = connector("elsewhere");
        for (String client : List.of("producer", "admin", "consumer")) {
            properties.put(
                    client + ".override.bootstrap.servers", connect.elsewhere().bootstrapServers());
        }
        properties.put("broker.linger.ms", "20000");
        properties.put("topic.creation.default.partitions", "1");
        properties.put("topic.creation.default.replication.factor", "1");
        connect.configure("elsewhere", properties);
        connect.awaitRunning("elsewhere");
        try (Device device = Device.connect(port(properties), "device-1")) {
            CompletableFuture<Void> published = device.publishing("sensors/1", MqttQos.EXACTLY_ONCE, 1, 200);
            connect.restartTask("elsewhere");
            published.join();
        }

        assertThat(values(connect.elsewhere().awaitExactly(200, "elsewhere"))).isEqualTo(numbers(1, 200));
        assertThat(connect.kafka().hasTopic("elsewhere")).isFalse();
        connect.delete("elsewhere");
    }

    @Test
    void workers_of_two_connect_clusters_drain_one_standalone_broker_into_two_kafkas_each_at_its_own_pace()
            throws Exception {
        ConnectCluster other = SHARED.cluster();
        assertThat(other.kafka().bootstrapServers())
                .isNotEqualTo(connect.kafka().bootstrapServers());
        try (EmbeddedBroker broker = EmbeddedBroker.acquire(
                        SourceConfig.of(connector("shared-broker")).broker());
                DrainServer drain = DrainServer.start(
                        broker.buffer(),
                        new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:0"), Optional.empty(), Optional.empty()))) {
            connect.create("north", draining("north", drain));
            other.create("south", draining("south", drain));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> broker.buffer().stats().consumers().stream()
                                    .filter(consumer -> consumer.attached())
                                    .count()
                            == 2);
            try (Device device = Device.connect(broker.listeners().get(0).port(), "device-1")) {
                device.publish("sensors/1", MqttQos.EXACTLY_ONCE, 1, 100);
                assertThat(values(other.awaitExactly(100, "south"))).isEqualTo(numbers(1, 100));
                other.pause("south");
                device.publish("sensors/1", MqttQos.EXACTLY_ONCE, 101, 200);
            }
            assertThat(values(connect.awaitExactly(200, "north"))).isEqualTo(numbers(1, 200));
            other.awaitExactly(100, "south");
            other.resume("south");
            assertThat(values(other.awaitExactly(200, "south"))).isEqualTo(numbers(1, 200));
            connect.delete("north");
            other.delete("south");
        }
    }

    private static Map<String, String> draining(String name, DrainServer broker) {
        return Map.of(
                "name",
                name,
                "broker.mode",
                "remote",
                "buffer.endpoints",
                broker.endpoint().toString(),
                "topic.filters",
                "sensors/#",
                "kafka.key",
                "{clientId}",
                "kafka.topic",
                name);
    }

    @Test
    void a_buffer_in_memory_cannot_promise_exactly_once() {
        Map<String, String> properties = connector("memory");
        properties.put("exactly.once.support", "required");
        assertThat(connect.mistakes(properties)).isEmpty();

        properties.put("buffer.storage", "memory");
        assertThat(connect.mistakes(properties)).containsOnlyKeys("exactly.once.support");
    }

    @Test
    void connect_does_not_take_transactions_of_another_size() {
        Map<String, String> properties = connector("interval");
        properties.put("transaction.boundary", "interval");

        assertThatThrownBy(() -> connect.configure("interval", properties))
                .hasMessageContaining("transaction.boundary is interval: leave it at poll, so that a transaction holds"
                        + " what one poll returned");
    }

    private static CompletableFuture<?> noise(Device device, int number) {
        return device.client()
                .publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(Integer.toString(number).getBytes(UTF_8))
                .userProperties()
                .add("noise", "yes")
                .applyUserProperties()
                .send();
    }

    private static Map<String, String> connector(String name) {
        Map<String, String> properties = ConnectCluster.connector(name, folders);
        properties.remove("buffer.retention.ms");
        return properties;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }
}
