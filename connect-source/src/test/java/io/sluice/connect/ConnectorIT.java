package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.headers;
import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.numbers;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Devices, the embedded broker, a Connect worker and Kafka, all of them real. */
class ConnectorIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

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

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
