package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the registry of a real worker shows of connectors, to whoever reads its MBeans. */
class MetricsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final byte[] NO_TEXT = {(byte) 0xff, 0};

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void what_devices_publish_is_counted_on_its_way_and_nothing_is_shown_of_a_connector_that_is_deleted()
            throws Exception {
        Map<String, String> properties = connector("measured");
        properties.put("buffer.max.bytes", "200000000");
        connect.create("measured", properties);
        TaskMBeans task = new TaskMBeans("measured");
        assertThat(task.shown()).isEqualTo(TaskMBeans.documented());
        try (Device one = Device.connect(port(properties), "device-1");
                Device two = Device.connect(port(properties), "device-2")) {
            one.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 20);
            two.publish("sensors/2", MqttQos.AT_LEAST_ONCE, 21, 30);
            two.publish("nobody/wants/that", MqttQos.AT_LEAST_ONCE, 31, 35);
            connect.awaitExactly(30, "measured");

            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(task.ofTask("sluice-delivered-records-total")).isEqualTo(30);
                assertThat(task.ofTask("sluice-delivered-records-rate")).isPositive();
                assertThat(task.ofTask("sluice-lag-positions")).isZero();
            });
            assertThat(task.ofTask("sluice-oldest-undelivered-age-ms")).isZero();
            assertThat(task.ofTask("sluice-attached-buffers")).isEqualTo(1);
            assertNothingWentWrong(task, "measured");

            assertThat(task.ofBroker("sluice-captured-messages-total", "measured"))
                    .isEqualTo(30);
            assertThat(task.ofBroker("sluice-captured-bytes-total", "measured")).isBetween(30 * 20.0, 30 * 200.0);
            assertThat(task.ofBroker("sluice-group-commits-total", "measured")).isBetween(2.0, 30.0);
            assertThat(task.ofBroker("sluice-group-commit-size-avg", "measured"))
                    .isBetween(1.0, task.ofBroker("sluice-group-commit-size-max", "measured"));
            assertThat(task.ofBroker("sluice-group-commit-size-max", "measured"))
                    .isBetween(1.0, 30.0);
            assertThat(task.ofBroker("sluice-group-commit-time-ms-avg", "measured"))
                    .isPositive()
                    .isLessThanOrEqualTo(task.ofBroker("sluice-group-commit-time-ms-max", "measured"));
            assertThat(task.ofBroker("sluice-buffer-bytes", "measured"))
                    .isGreaterThanOrEqualTo(task.ofBroker("sluice-captured-bytes-total", "measured"));
            assertThat(task.ofBroker("sluice-buffer-max-bytes", "measured")).isEqualTo(200_000_000);
            assertThat(task.ofBroker("sluice-buffer-segments", "measured")).isEqualTo(1);
            assertThat(task.ofBroker("sluice-connected-clients", "measured")).isEqualTo(2);
            assertThat(task.ofBroker("sluice-broker-listening", "measured")).isEqualTo(1);
        }
        eventually(() -> assertThat(task.ofBroker("sluice-connected-clients", "measured"))
                .isZero());

        connect.delete("measured");
        eventually(() -> assertThat(task.beans()).isEmpty());
    }

    private static void assertNothingWentWrong(TaskMBeans task, String broker) throws Exception {
        for (String none : new String[] {"filtered-records", "dead-letters", "skipped-messages", "lost-positions"}) {
            assertThat(task.ofTask("sluice-" + none + "-total")).as(none).isZero();
        }
        for (String none : new String[] {
            "rejected-messages-total",
            "refused-publishes-total",
            "turned-away-connections-total",
            "refused-clients-total",
            "closed-connections-total",
            "session-queue-dropped-total",
            "undelivered-messages-total",
            "withheld-acknowledgements",
            "front-door-queued-bytes",
            "buffer-full",
            "buffer-stalled",
            "buffer-stopped",
            "sessions-stopped"
        }) {
            assertThat(task.ofBroker("sluice-" + none, broker)).as(none).isZero();
        }
        assertThat(task.dropped("oldest", broker)).isZero();
    }

    @Test
    void the_lag_of_one_that_is_paused_grows_and_that_of_its_neighbour_does_not() throws Exception {
        Map<String, String> busy = connector("keeps-up");
        Map<String, String> paused = sharing(busy, "falls-behind");
        connect.create("keeps-up", busy);
        connect.create("falls-behind", paused);
        TaskMBeans neighbour = new TaskMBeans("keeps-up");
        TaskMBeans task = new TaskMBeans("falls-behind");
        try (Device device = Device.connect(port(busy), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 5);
            connect.awaitExactly(5, "falls-behind");
            eventually(() -> assertThat(task.ofTask("sluice-lag-positions")).isZero());

            connect.pause("falls-behind");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 6, 15);
            connect.awaitExactly(15, "keeps-up");
            eventually(
                    () -> assertThat(neighbour.ofTask("sluice-lag-positions")).isZero());
            assertThat(neighbour.ofTask("sluice-oldest-undelivered-age-ms")).isZero();
            assertThat(task.ofTask("sluice-lag-positions")).isEqualTo(10);
            double age = task.ofTask("sluice-oldest-undelivered-age-ms");
            assertThat(age).isPositive();

            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 16, 20);
            assertThat(task.ofTask("sluice-lag-positions")).isEqualTo(15);
            assertThat(task.ofTask("sluice-oldest-undelivered-age-ms")).isGreaterThan(age);
            assertThat(task.ofTask("sluice-delivered-records-total")).isEqualTo(5);
            // they share a broker, and each shows it
            assertThat(task.ofBroker("sluice-captured-messages-total", "keeps-up"))
                    .isEqualTo(neighbour.ofBroker("sluice-captured-messages-total", "keeps-up"))
                    .isEqualTo(20);
        }

        connect.resume("falls-behind");
        connect.awaitExactly(20, "falls-behind");
        eventually(() -> assertThat(task.ofTask("sluice-lag-positions")).isZero());
        assertThat(task.ofTask("sluice-oldest-undelivered-age-ms")).isZero();
        connect.delete("falls-behind");
        eventually(() -> assertThat(task.beans()).isEmpty());
        assertThat(neighbour.shown()).isEqualTo(TaskMBeans.documented());
        connect.delete("keeps-up");
    }

    @Test
    void what_does_not_reach_kafka_as_it_should_is_counted_by_what_became_of_it() throws Exception {
        Map<String, String> properties = connector("sorted-out");
        properties.put("value.format", "string");
        properties.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        properties.put("dead.letter.topic", "sorted-out-dead");
        properties.put("predicates", "forgotten");
        properties.put("predicates.forgotten.type", "org.apache.kafka.connect.transforms.predicates.HasHeaderKey");
        properties.put("predicates.forgotten.name", "mqtt.property.forget");
        properties.put("transforms", "forget");
        properties.put("transforms.forget.type", "org.apache.kafka.connect.transforms.Filter");
        properties.put("transforms.forget.predicate", "forgotten");
        connect.createTopic("sorted-out-dead");
        connect.create("sorted-out", properties);
        TaskMBeans task = new TaskMBeans("sorted-out");
        try (Device device = Device.connect(port(properties), "device-1")) {
            publish(device, "text".getBytes(UTF_8), "keep");
            publish(device, "text".getBytes(UTF_8), "forget");
            publish(device, NO_TEXT, "keep");
            publish(device, "text".getBytes(UTF_8), "forget");
            publish(device, "text".getBytes(UTF_8), "forget");

            eventually(() -> {
                assertThat(task.ofTask("sluice-filtered-records-total")).isEqualTo(3);
                assertThat(task.ofTask("sluice-delivered-records-total")).isEqualTo(2);
            });
            assertThat(task.ofTask("sluice-dead-letters-total")).isEqualTo(1);
            assertThat(task.ofTask("sluice-skipped-messages-total")).isZero();
            assertThat(task.ofTask("sluice-lag-positions")).isZero();
        }
        connect.delete("sorted-out");
    }

    @Test
    void what_a_full_buffer_drops_is_counted_by_reason_and_what_a_task_finds_lost_is() throws Exception {
        Map<String, String> properties = connector("overflows");
        properties.put("buffer.segment.bytes", "65536");
        properties.put("buffer.max.bytes", "131072");
        properties.put("buffer.overflow", "drop.oldest");
        connect.create("overflows", properties);
        TaskMBeans task = new TaskMBeans("overflows");
        connect.pause("overflows");
        try (Device device = Device.connect(port(properties), "device-1")) {
            for (int number = 1; number <= 40; number++) {
                publish(device, new byte[10_000], "keep");
            }
        }
        assertThat(task.ofBroker("sluice-captured-messages-total", "overflows")).isEqualTo(40);
        double dropped = task.dropped("oldest", "overflows");
        assertThat(dropped).isBetween(20.0, 39.0);
        assertThat(task.ofTask("sluice-lag-positions")).isEqualTo(40);

        connect.resume("overflows");
        eventually(
                () -> assertThat(task.ofTask("sluice-delivered-records-total")).isEqualTo(40 - dropped));
        assertThat(task.ofTask("sluice-lost-positions-total")).isEqualTo(dropped);
        assertThat(task.ofTask("sluice-lag-positions")).isZero();
        connect.delete("overflows");
    }

    @Test
    void what_a_full_buffer_rejects_is_counted_as_refused_and_as_rejected() throws Exception {
        Map<String, String> properties = connector("rejects");
        properties.put("buffer.segment.bytes", "65536");
        properties.put("buffer.max.bytes", "131072");
        properties.put("buffer.overflow", "reject");
        connect.create("rejects", properties);
        TaskMBeans task = new TaskMBeans("rejects");
        connect.pause("rejects");
        int accepted = 0;
        try (Device device = Device.connect(port(properties), "device-1")) {
            while (accepts(device, new byte[10_000])) {
                accepted++;
            }
            assertThat(accepts(device, new byte[10_000])).isFalse();
        }

        assertThat(accepted).isBetween(6, 13);
        assertThat(task.ofBroker("sluice-captured-messages-total", "rejects")).isEqualTo(accepted);
        assertThat(task.ofBroker("sluice-rejected-messages-total", "rejects")).isEqualTo(2);
        assertThat(task.ofBroker("sluice-refused-publishes-total", "rejects")).isEqualTo(2);
        assertThat(task.ofTask("sluice-lag-positions")).isEqualTo(accepted);
        connect.delete("rejects");
    }

    @Test
    void who_waits_for_an_acknowledgement_is_shown_and_a_task_that_starts_again_is_shown_anew() throws Exception {
        Map<String, String> properties = connector("withholds");
        properties.put("ack.mode", "delivered");
        connect.create("withholds", properties);
        TaskMBeans task = new TaskMBeans("withholds");
        connect.pause("withholds");
        try (Device device = Device.connect(port(properties), "device-1")) {
            var acknowledged = device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
            eventually(() -> assertThat(task.ofBroker("sluice-withheld-acknowledgements", "withholds"))
                    .isEqualTo(1));
            connect.resume("withholds");
            acknowledged.join();
            eventually(() -> assertThat(task.ofBroker("sluice-withheld-acknowledgements", "withholds"))
                    .isZero());
            assertThat(task.ofTask("sluice-delivered-records-total")).isEqualTo(1);

            connect.restartTask("withholds");
            eventually(() -> {
                assertThat(task.shown()).isEqualTo(TaskMBeans.documented());
                assertThat(task.ofTask("sluice-delivered-records-total")).isZero();
                assertThat(task.ofTask("sluice-attached-buffers")).isEqualTo(1);
            });
        }
        connect.delete("withholds");
        eventually(() -> assertThat(task.beans()).isEmpty());
    }

    /** Whether the broker takes what is published. */
    private static boolean accepts(Device device, byte[] payload) {
        return device.client()
                .publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send()
                .handle((result, refusal) -> refusal == null)
                .join();
    }

    /** Publishes with a user property, and waits for the acknowledgement. */
    private static void publish(Device device, byte[] payload, String property) {
        device.client()
                .publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .userProperties()
                .add(property, "yes")
                .applyUserProperties()
                .send()
                .join();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(PATIENCE).untilAsserted(assertion);
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
