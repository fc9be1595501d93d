package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.buffer.Lanes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices, the embedded broker, a Connect worker and Kafka, all of them real. */
class ConnectorIT {

    @TempDir
    private static Path folders;

    private static ConnectCluster connect;

    @BeforeAll
    static void startCluster() {
        connect = ConnectCluster.atLeastOnce();
    }

    @AfterAll
    static void stopCluster() {
        connect.close();
    }

    @Test
    void what_an_mqtt_5_device_publishes_is_in_kafka_with_all_that_is_known_of_it() throws Exception {
        Map<String, String> properties = connector("mqtt5");
        connect.create("mqtt5", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.client()
                    .publishWith()
                    .topic("sensors/1/temp")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("21.5".getBytes(UTF_8))
                    .contentType("text/plain")
                    .correlationData(new byte[] {1, 2})
                    .userProperties()
                    .add("site", "north")
                    .applyUserProperties()
                    .send()
                    .join();
            device.publish("sensors/1/temp", MqttQos.AT_MOST_ONCE, 0, 0);
            device.publish("sensors/1/temp", MqttQos.EXACTLY_ONCE, 2, 2);
            device.publish("other", MqttQos.EXACTLY_ONCE, 3, 3);
        }

        List<ConsumerRecord<byte[], byte[]>> records = connect.awaitExactly(3, "mqtt5");
        assertThat(values(records)).containsExactly("21.5", "0", "2");
        ConsumerRecord<byte[], byte[]> first = records.get(0);
        assertThat(first.key()).isEqualTo("sensors/1/temp".getBytes(UTF_8));
        assertThat(first.timestamp()).isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
        assertThat(headers(first))
                .containsEntry("mqtt.topic", "sensors/1/temp")
                .containsEntry("mqtt.qos", "1")
                .containsEntry("mqtt.retained", "false")
                .containsEntry("mqtt.client.id", "device-1")
                .containsEntry("mqtt.timestamp", Long.toString(first.timestamp()))
                .containsEntry("mqtt.content.type", "text/plain")
                .containsEntry("mqtt.correlation.data", "AQI=")
                .containsEntry("mqtt.property.site", "north");
        connect.delete("mqtt5");
    }

    @Test
    void what_an_mqtt_3_device_publishes_is_in_kafka() throws Exception {
        Map<String, String> properties = connector("mqtt3");
        connect.create("mqtt3", properties);
        MqttClient device = new MqttClient("tcp://127.0.0.1:" + port(properties), "device-3", new MemoryPersistence());
        device.connect();
        for (int qos = 0; qos <= 2; qos++) {
            device.publish("sensors/" + qos, Integer.toString(qos).getBytes(UTF_8), qos, false);
        }
        device.disconnect();
        device.close();

        List<ConsumerRecord<byte[], byte[]>> records = connect.awaitExactly(3, "mqtt3");
        assertThat(values(records)).containsExactlyInAnyOrder("0", "1", "2");
        connect.delete("mqtt3");
    }

    @Test
    void who_connects_and_is_lost_becomes_records_and_its_will_does_unless_it_is_not_wanted() throws Exception {
        Map<String, String> properties = connector("captured");
        properties.put("capture.connections", "true");
        properties.put("connections.topic", "captured-connections");
        connect.createTopic("captured-connections");
        connect.create("captured", properties);
        Map<String, String> sharing = new HashMap<>(properties);
        sharing.put("name", "without-wills");
        sharing.put("kafka.topic", "without-wills");
        sharing.put("capture.wills", "false");
        sharing.put("capture.connections", "false");
        connect.create("without-wills", sharing);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
        }
        loseClientWithWill(port(properties), "sensors/status");

        assertThat(values(connect.awaitExactly(2, "captured"))).containsExactlyInAnyOrder("1", "gone");
        assertThat(values(connect.awaitExactly(4, "captured-connections")))
                .extracting(json -> json.replaceAll(".*\"event\":\"(\\w+)\".*", "$1"))
                .containsExactlyInAnyOrder("connected", "disconnected", "connected", "connection_lost");
        assertThat(values(connect.awaitExactly(1, "without-wills"))).containsExactly("1");
        connect.delete("without-wills");
        connect.delete("captured");
    }

    /** Connects with a will of QoS 1 and breaks the connection. */
    private static void loseClientWithWill(int port, String topic) throws Exception {
        MqttClient lost = new MqttClient("tcp://127.0.0.1:" + port, "lost", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setWill(topic, "gone".getBytes(UTF_8), 1, false);
        lost.connect(options);
        lost.disconnectForcibly(0, 0, false);
        lost.close();
    }

    @Test
    void devices_stay_connected_and_nothing_is_lost_while_task_and_connector_restart() throws Exception {
        Map<String, String> properties = connector("restarts");
        properties.put("broker.linger.ms", "20000");
        connect.create("restarts", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            List<CompletableFuture<Void>> published = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                published.add(
                        device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, round * 200 + 1, round * 200 + 200));
                if (round == 0) {
                    connect.restartTask("restarts");
                } else {
                    connect.restartConnectorAndTask("restarts");
                }
            }
            published.forEach(CompletableFuture::join);
            assertThat(device.isConnected()).isTrue();
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(values(connect.records("restarts"))).containsAll(numbers(1, 600)));
        assertThat(values(connect.records("restarts")).stream().distinct().toList())
                .as("in the order of publishing, repetitions left out")
                .isEqualTo(numbers(1, 600));
        connect.delete("restarts");
    }

    @Test
    void a_paused_connector_goes_on_capturing_and_delivers_when_it_is_resumed() throws Exception {
        Map<String, String> properties = connector("pauses");
        connect.create("pauses", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);
            connect.awaitExactly(10, "pauses");
            connect.pause("pauses");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 11, 20);
            connect.awaitExactly(10, "pauses");
            connect.resume("pauses");
        }

        assertThat(values(connect.awaitExactly(20, "pauses"))).isEqualTo(numbers(1, 20));
        connect.delete("pauses");
    }

    @Test
    void an_operator_alters_and_resets_offsets_and_exactly_what_is_asked_for_is_delivered() throws Exception {
        Map<String, String> properties = connector("offsets");
        connect.create("offsets", properties);
        try (Device one = Device.connect(port(properties), "device-1");
                Device two = Device.connect(port(properties), "device-2")) {
            one.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);
            two.publish("sensors/2", MqttQos.AT_LEAST_ONCE, 11, 15);
        }
        connect.awaitExactly(15, "offsets");

        connect.stop("offsets");
        Map<Map<String, ?>, Map<String, ?>> offsets = connect.offsets("offsets");
        assertThat(offsets).hasSize(2);
        Map<String, ?> lane1 = partition(offsets, "device-1");
        Map<String, ?> lane2 = partition(offsets, "device-2");
        assertThat(offsets.get(lane1).keySet()).isEqualTo(Set.of("position", "part", "run"));
        long last1 = ((Number) offsets.get(lane1).get("position")).longValue();

        // back: the last four of one device again
        connect.alterOffset("offsets", lane1, Map.of("position", last1 - 4));
        connect.resume("offsets");
        List<String> values = values(connect.awaitExactly(19, "offsets"));
        numbers(7, 10)
                .forEach(repeated ->
                        assertThat(values).filteredOn(repeated::equals).hasSize(2));

        // forward: the next two messages of that device are skipped, those of the other are not
        connect.pause("offsets");
        try (Device one = Device.connect(port(properties), "device-1");
                Device two = Device.connect(port(properties), "device-2")) {
            one.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 21, 23);
            two.publish("sensors/2", MqttQos.AT_LEAST_ONCE, 24, 24);
        }
        connect.stop("offsets");
        long end = ((Number) connect.offsets("offsets").get(lane2).get("position")).longValue() + 4;
        connect.alterOffset("offsets", lane1, Map.of("position", end - 2));
        connect.resume("offsets");
        assertThat(values(connect.awaitExactly(21, "offsets")))
                .contains("23", "24")
                .doesNotContain("21", "22");

        // reset: everything the buffer keeps again
        connect.stop("offsets");
        connect.resetOffsets("offsets");
        assertThat(connect.offsets("offsets")).isEmpty();
        connect.resume("offsets");
        assertThat(values(connect.awaitExactly(21 + 19, "offsets"))).contains("21", "22");

        // and nothing more, once that is done
        connect.restartConnectorAndTask("offsets");
        connect.awaitExactly(21 + 19, "offsets");
        connect.delete("offsets");
    }

    @Test
    void a_mistaken_offset_is_refused_with_a_sentence() throws Exception {
        connect.createStopped("mistakes", connector("mistakes"));

        assertThatThrownBy(
                        () -> connect.alterOffset("mistakes", Map.of("buffer", "b", "lane", 64), Map.of("position", 1)))
                .hasMessageContaining("There is lane 64 in")
                .hasMessageContaining("it is a whole number from 0 to 63");
        assertThatThrownBy(() -> connect.alterOffset(
                        "mistakes", Map.of("buffer", "b", "lane", 1), Map.of("position", 1, "run", "r")))
                .hasMessageContaining("marks offsets that the connector wrote itself: leave it out");
        connect.delete("mistakes");
    }

    @Test
    void a_worker_that_is_replaced_hands_over_what_the_one_before_did_not() throws Exception {
        Map<String, String> properties = connector("workers");
        properties.put("broker.listeners", "tcp://127.0.0.1:" + freePort());
        connect.create("workers", properties);
        int port = port(properties);
        try (Device device = Device.connect(port, "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 100);
        }
        connect.replaceWorker();
        connect.awaitRunning("workers");
        try (Device device = Device.connect(port, "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 101, 200);
        }

        assertThat(values(connect.awaitExactly(200, "workers"))).isEqualTo(numbers(1, 200));
        connect.delete("workers");
    }

    @Test
    void connectors_share_a_broker_and_each_has_its_own_position() throws Exception {
        Map<String, String> one = connector("sharing");
        Map<String, String> two = new HashMap<>(one);
        two.put("name", "sharing2");
        two.put("topic.filters", "#");
        two.put("kafka.topic", "sharing2");
        connect.create("sharing", one);
        connect.create("sharing2", two);
        try (Device device = Device.connect(port(one), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);
            connect.pause("sharing2");
            device.publish("other/1", MqttQos.AT_LEAST_ONCE, 11, 20);
            connect.awaitExactly(10, "sharing");
            connect.resume("sharing2");
        }

        assertThat(values(connect.awaitExactly(20, "sharing2"))).containsAll(numbers(1, 20));
        assertThat(values(connect.awaitExactly(10, "sharing"))).isEqualTo(numbers(1, 10));
        connect.delete("sharing");
        connect.delete("sharing2");
    }

    @Test
    void with_delivered_a_publisher_is_acknowledged_soon_after_kafka_has_the_message() throws Exception {
        Map<String, String> properties = connector("delivered");
        properties.put("ack.mode", "delivered");
        connect.create("delivered", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
            for (int number = 2; number <= 5; number++) {
                device.publish("sensors/1", MqttQos.EXACTLY_ONCE, number, number);
                assertThat(connect.records("delivered")).hasSize(number);
            }
        }
        connect.delete("delivered");
    }

    @Test
    void a_transformation_that_fails_stops_the_task_and_loses_nothing() throws Exception {
        Map<String, String> properties = connector("failing");
        properties.put("broker.linger.ms", "20000");
        properties.put("transforms", "field");
        properties.put("transforms.field.type", "org.apache.kafka.connect.transforms.ExtractField$Value");
        properties.put("transforms.field.field", "no-field-in-bytes");
        connect.create("failing", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            // Without a task the broker withholds what it has not acknowledged yet.
            CompletableFuture<Void> published = device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 5);
            assertThat(connect.awaitFailure("failing")).contains("Tolerance exceeded in error handler");
            properties.keySet().removeIf(key -> key.startsWith("transforms"));
            connect.configure("failing", properties);
            connect.awaitRunning("failing");
            published.join();
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 6, 10);
        }

        assertThat(values(connect.awaitExactly(10, "failing"))).isEqualTo(numbers(1, 10));
        connect.delete("failing");
    }

    @Test
    void what_cannot_be_mapped_is_in_the_dead_letter_topic_and_nothing_stops() throws Exception {
        Map<String, String> properties = connector("bytes-letters");
        properties.put("kafka.topic", "bytes-{property.kind}");
        properties.put("dead.letter.topic", "bytes-dead");
        connect.createTopic("bytes-a");
        connect.createTopic("bytes-dead");
        connect.create("bytes-letters", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            publish(device, new byte[] {1}, "a");
            publish(device, new byte[] {(byte) 0xff, 0}, "");
            publish(device, new byte[] {3}, "a");
        }

        connect.awaitExactly(2, "bytes-a");
        ConsumerRecord<byte[], byte[]> letter =
                connect.awaitExactly(1, "bytes-dead").get(0);
        assertThat(letter.value()).isEqualTo(new byte[] {(byte) 0xff, 0});
        assertThat(letter.key()).isEqualTo("sensors/1".getBytes(UTF_8));
        assertThat(headers(letter))
                .containsEntry("sluice.error.connector", "bytes-letters")
                .containsEntry("sluice.error.route", "default")
                .containsEntry("mqtt.client.id", "device-1")
                .hasEntrySatisfying(
                        "sluice.error.message",
                        sentence -> assertThat(sentence).contains("has no value for every placeholder"));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(heldBack(properties)).isZero());
        connect.delete("bytes-letters");
    }

    @Test
    void a_dead_letter_goes_through_a_converter_for_text_unharmed() throws Exception {
        Map<String, String> properties = connector("text-letters");
        properties.put("value.format", "string");
        properties.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("dead.letter.topic", "text-dead");
        connect.createTopic("text-dead");
        connect.create("text-letters", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            publish(device, "grün".getBytes(UTF_8), "a");
            publish(device, new byte[] {(byte) 0xff, 0}, "a");
        }

        assertThat(values(connect.awaitExactly(1, "text-letters"))).containsExactly("grün");
        ConsumerRecord<byte[], byte[]> letter =
                connect.awaitExactly(1, "text-dead").get(0);
        assertThat(Base64.getDecoder().decode(letter.value())).isEqualTo(new byte[] {(byte) 0xff, 0});
        assertThat(headers(letter)).containsEntry("sluice.error.payload.encoding", "base64");
        connect.delete("text-letters");
    }

    /** Publishes with a user property, if that is not empty, and waits for the acknowledgement. */
    private static void publish(Device device, byte[] payload, String kind) {
        var publish = device.client()
                .publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload);
        if (!kind.isEmpty()) {
            publish = publish.userProperties().add("kind", kind).applyUserProperties();
        }
        publish.send().join();
    }

    @Test
    void what_no_route_wants_and_what_is_retained_and_skipped_holds_no_log() throws Exception {
        Map<String, String> properties = connector("wanting");
        Map<String, String> other = new HashMap<>(properties);
        other.put("name", "not-wanting");
        other.put("kafka.topic", "not-wanting");
        other.put("topic.filters", "sensors/#,other/#");
        other.put("retained", "skip");
        connect.create("wanting", properties);
        connect.create("not-wanting", other);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("other/1", MqttQos.AT_LEAST_ONCE, 1, 3);
            device.client()
                    .publishWith()
                    .topic("sensors/1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload("4".getBytes(UTF_8))
                    .send()
                    .join();
        }

        assertThat(values(connect.awaitExactly(1, "wanting"))).containsExactly("4");
        assertThat(values(connect.awaitExactly(3, "not-wanting"))).containsExactly("1", "2", "3");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(heldBack(properties) + heldBack(other)).isZero());
        connect.delete("wanting");
        connect.delete("not-wanting");
    }

    @Test
    void a_wrong_configuration_is_refused_with_a_sentence_that_names_key_and_value() {
        Map<String, String> filter = connector("wrong");
        filter.put("topic.filters", "sensors/#/temp");
        assertThatThrownBy(() -> connect.configure("wrong", filter))
                .hasMessageContaining(
                        "Invalid value sensors/#/temp for configuration topic.filters: 'sensors/#/temp' is"
                                + " not a topic filter: '#' must be its whole last level, as in 'a/#'");

        Map<String, String> open = connector("wrong");
        open.put("broker.listeners", "tcp://0.0.0.0:1883");
        assertThatThrownBy(() -> connect.configure("wrong", open))
                .hasMessageContaining("broker.listeners has tcp://0.0.0.0:1883, which other machines can reach, and"
                        + " nothing says who may connect");

        Map<String, String> several = connector("wrong");
        several.remove("buffer.dir");
        several.put("kafka.topic", "{topics}");
        several.put("transaction.boundary", "interval");
        assertThat(connect.mistakes(several)).containsOnlyKeys("buffer.dir", "kafka.topic", "transaction.boundary");
        assertThat(connect.mistakes(connector("right"))).isEmpty();

        Map<String, String> routes = connector("wrong");
        routes.put("routes", "one,two");
        routes.put("route.one.topic.filters", "a/#");
        routes.put("route.two.kafka.key", "{topics}");
        assertThat(connect.mistakes(routes)).containsOnlyKeys("route.two.topic.filters", "route.two.kafka.key");
    }

    @Test
    void a_port_in_use_and_a_folder_that_cannot_be_written_fail_the_task_with_a_sentence() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> properties = connector("port-in-use");
            properties.put("broker.listeners", "tcp://127.0.0.1:" + taken.getLocalPort());
            connect.configure("port-in-use", properties);
            assertThat(firstLine(connect.awaitFailure("port-in-use")))
                    .contains("tcp://127.0.0.1:" + taken.getLocalPort())
                    .contains("in use");
        }
        connect.delete("port-in-use");

        Path file = Files.writeString(folders.resolve("a-file"), "");
        Map<String, String> properties = connector("no-folder");
        properties.put("buffer.dir", file.resolve("buffer").toString());
        connect.configure("no-folder", properties);
        assertThat(firstLine(connect.awaitFailure("no-folder"))).contains(file.toString());
        connect.delete("no-folder");
    }

    private static String firstLine(String trace) {
        return trace.lines().findFirst().orElse("");
    }

    /** A connector of a name, with a broker and a folder of its own. */
    private static Map<String, String> connector(String name) {
        return new HashMap<>(Map.of(
                "name",
                name,
                "broker.name",
                name,
                "broker.listeners",
                "tcp://127.0.0.1:0",
                "broker.linger.ms",
                "0",
                "buffer.dir",
                folders.resolve(name).toString(),
                "buffer.retention.ms",
                "3600000",
                "topic.filters",
                "sensors/#",
                "kafka.topic",
                name));
    }

    private static Map<String, ?> partition(Map<Map<String, ?>, Map<String, ?>> offsets, String clientId) {
        return offsets.keySet().stream()
                .filter(partition -> ((Number) partition.get("lane")).intValue() == Lanes.of(clientId))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        return headers;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
