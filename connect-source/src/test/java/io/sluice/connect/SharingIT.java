package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.numbers;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.config.SourceConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Several connectors at one broker, with one buffer, in a real worker. */
@Execution(ExecutionMode.CONCURRENT)
class SharingIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

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
    void one_that_was_renamed_takes_over_what_waits_under_its_old_name() throws Exception {
        Map<String, String> old = connector("renamed-old");
        old.put("kafka.topic", "renamed");
        connect.createTopic("renamed");
        connect.configure("renamed-old", old);
        connect.awaitRunning("renamed-old");
        try (Device device = Device.connect(port(old), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 5);
            connect.awaitExactly(5, "renamed");
            connect.pause("renamed-old");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 6, 10);
        }
        connect.delete("renamed-old");

        Map<String, String> renamed = new HashMap<>(old);
        renamed.put("name", "renamed-unaware");
        connect.configure("renamed-unaware", renamed);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(EventHistory.lines("renamed-unaware"))
                        .anySatisfy(event -> assertThat(event)
                                .contains(
                                        "connector.warning",
                                        "for the connector renamed-old, which is not attached",
                                        "set buffer.takeover.from=renamed-old before it starts for the first time")));
        connect.delete("renamed-unaware");

        renamed.put("name", "renamed-new");
        renamed.put("buffer.takeover.from", "renamed-old");
        connect.configure("renamed-new", renamed);
        assertThat(values(connect.awaitExactly(10, "renamed"))).isEqualTo(numbers(1, 10));
        connect.delete("renamed-new");
    }

    @Test
    void one_that_fails_holds_back_no_other_and_no_device_notices_who_comes_changes_and_goes() throws Exception {
        Map<String, String> steady = connector("steady");
        connect.create("steady", steady);
        try (Device device = Device.connect(port(steady), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);

            Map<String, String> failing = sharing(steady, "failing-neighbour");
            failing.put("transforms", "field");
            failing.put("transforms.field.type", "org.apache.kafka.connect.transforms.ExtractField$Value");
            failing.put("transforms.field.field", "no-field-in-bytes");
            connect.create("failing-neighbour", failing);
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 11, 20);
            connect.awaitFailure("failing-neighbour");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 21, 30);
            connect.awaitExactly(30, "steady");

            failing.keySet().removeIf(key -> key.startsWith("transforms"));
            connect.configure("failing-neighbour", failing);
            connect.awaitRunning("failing-neighbour");
            assertThat(values(connect.awaitExactly(20, "failing-neighbour")))
                    .containsExactlyInAnyOrderElementsOf(numbers(11, 30));
            connect.delete("failing-neighbour");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 31, 40);
            assertThat(device.disconnections()).isZero();
        }

        assertThat(values(connect.awaitExactly(40, "steady"))).containsExactlyInAnyOrderElementsOf(numbers(1, 40));
        connect.delete("steady");
    }

    @Test
    void one_that_stays_paused_holds_back_the_others_no_further_than_the_buffers_limit() throws Exception {
        Map<String, String> steady = connector("beside-paused");
        steady.put("buffer.segment.bytes", "65536");
        steady.put("buffer.max.bytes", "131072");
        steady.put("buffer.retention.ms", "0");
        steady.put("buffer.overflow", "drop.oldest");
        Map<String, String> paused = sharing(steady, "stays-paused");
        connect.create("beside-paused", steady);
        connect.create("stays-paused", paused);
        connect.pause("stays-paused");
        byte[] payload = new byte[10_000];
        try (Device device = Device.connect(port(steady), "device-1")) {
            for (int number = 1; number <= 40; number++) {
                device.client()
                        .publishWith()
                        .topic("sensors/" + number)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(payload)
                        .send()
                        .join();
                int delivered = number;
                await().until(() -> connect.records("beside-paused").size() == delivered);
            }
        }

        connect.resume("stays-paused");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(heldBack(paused)).isZero());
        List<String> late = connect.records("stays-paused").stream()
                .map(record -> new String(record.key(), UTF_8))
                .toList();
        assertThat(late).hasSizeBetween(1, 13).contains("sensors/40").doesNotContain("sensors/1");
        connect.delete("stays-paused");
        connect.delete("beside-paused");
    }

    @Test
    void whoever_attaches_under_a_connectors_name_fences_the_task_that_was_there() throws Exception {
        Map<String, String> properties = connector("fenced");
        connect.create("fenced", properties);
        SourceConfig config = SourceConfig.of(properties);
        try (EmbeddedBroker broker = EmbeddedBroker.acquire(config.broker());
                Attachment replacement = broker.buffer().attach(config.consumer(Lanes.ALL))) {
            replacement.seek(replacement.acknowledged());
            assertThat(connect.awaitFailure("fenced")).contains("'fenced' has attached to the buffer again");
            try (Device device = Device.connect(port(properties), "device-1")) {
                device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 3);
            }
            connect.restartTask("fenced");
            assertThatThrownBy(() -> replacement.read(1, 1, Duration.ZERO)).isInstanceOf(FencedException.class);
        }

        assertThat(values(connect.awaitExactly(3, "fenced"))).containsExactly("1", "2", "3");
        connect.delete("fenced");
    }

    /** A connector at the broker of another one, for a separate topic. */
    private static Map<String, String> sharing(Map<String, String> other, String name) {
        Map<String, String> properties = new HashMap<>(other);
        properties.put("name", name);
        properties.put("kafka.topic", name);
        return properties;
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
