package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.headers;
import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What cannot be mapped, through a real worker to a separate topic. */
@Execution(ExecutionMode.CONCURRENT)
class DeadLettersIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

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

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
