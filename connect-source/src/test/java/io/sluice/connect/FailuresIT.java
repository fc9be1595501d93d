package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.numbers;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails in a real worker fails as Kafka Connect's documentation says, and positions stay right. */
@Execution(ExecutionMode.CONCURRENT)
class FailuresIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

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

    /** What may go wrong between a task and Kafka, and how an operator mends it. */
    enum Failure {
        TOPIC_MISSING("not present in metadata") {
            @Override
            void arrange(ConnectCluster connect, Map<String, String> properties) {
                properties.put("producer.override.max.block.ms", "500");
            }

            @Override
            void mend(ConnectCluster connect, Map<String, String> properties) {
                connect.createTopic(properties.get("kafka.topic"));
            }
        },
        NOT_AUTHORIZED("TopicAuthorizationException") {
            @Override
            void arrange(ConnectCluster connect, Map<String, String> properties) throws Exception {
                connect.createTopic(properties.get("kafka.topic"));
                connect.kafka().forbid(properties.get("kafka.topic"), AclOperation.WRITE, true);
            }

            @Override
            void mend(ConnectCluster connect, Map<String, String> properties) throws Exception {
                connect.kafka().forbid(properties.get("kafka.topic"), AclOperation.WRITE, false);
            }
        },
        TRANSFORMATION_THROWS("Tolerance exceeded in error handler") {
            @Override
            void arrange(ConnectCluster connect, Map<String, String> properties) {
                connect.createTopic(properties.get("kafka.topic"));
                properties.put("transforms", "field");
                properties.put("transforms.field.type", "org.apache.kafka.connect.transforms.ExtractField$Value");
                properties.put("transforms.field.field", "no-field-in-bytes");
            }

            @Override
            void mend(ConnectCluster connect, Map<String, String> properties) {
                properties.keySet().removeIf(key -> key.startsWith("transforms"));
                connect.configure(properties.get("name"), properties);
            }
        },
        CONVERTER_THROWS("Tolerance exceeded in error handler") {
            @Override
            void arrange(ConnectCluster connect, Map<String, String> properties) {
                connect.createTopic(properties.get("kafka.topic"));
                properties.put("value.converter", "org.apache.kafka.connect.converters.IntegerConverter");
                // What a transformation makes of values the connector does not know, so it takes any converter.
                properties.put("transforms", "header");
                properties.put("transforms.header.type", "org.apache.kafka.connect.transforms.InsertHeader");
                properties.put("transforms.header.header", "site");
                properties.put("transforms.header.value.literal", "north");
            }

            @Override
            void mend(ConnectCluster connect, Map<String, String> properties) {
                properties.keySet().removeIf(key -> key.startsWith("transforms"));
                properties.remove("value.converter");
                connect.configure(properties.get("name"), properties);
            }
        };

        private final String said;

        Failure(String said) {
            this.said = said;
        }

        abstract void arrange(ConnectCluster connect, Map<String, String> properties) throws Exception;

        abstract void mend(ConnectCluster connect, Map<String, String> properties) throws Exception;
    }

    @ParameterizedTest
    @EnumSource(names = {"TOPIC_MISSING", "TRANSFORMATION_THROWS"})
    void without_tolerance_the_task_fails_and_when_it_is_mended_everything_is_delivered(Failure failure)
            throws Exception {
        failAndMend(failure);
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"NOT_AUTHORIZED", "CONVERTER_THROWS"})
    void so_it_does_whatever_fails_without_tolerance(Failure failure) throws Exception {
        failAndMend(failure);
    }

    private void failAndMend(Failure failure) throws Exception {
        String name = "none-" + failure.name().toLowerCase(Locale.ROOT);
        Map<String, String> properties = connector(name);
        properties.put("broker.linger.ms", "20000");
        failure.arrange(connect, properties);
        connect.configure(name, properties);
        connect.awaitRunning(name);
        try (Device device = Device.connect(port(properties), "device-1")) {
            // Without a task the broker withholds what it has not acknowledged yet.
            CompletableFuture<Void> published = device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 5);
            assertThat(connect.awaitFailure(name)).contains(failure.said);

            failure.mend(connect, properties);
            connect.restartConnectorAndTask(name);
            published.join();
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 6, 10);
        }

        assertThat(values(connect.awaitExactly(10, name))).containsExactlyInAnyOrderElementsOf(numbers(1, 10));
        awaitNothingHeldBack(properties);
        connect.delete(name);
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_AUTHORIZED", "CONVERTER_THROWS"})
    void with_tolerance_what_fails_is_a_dead_letter_if_that_can_be_and_what_comes_later_is_delivered(Failure failure)
            throws Exception {
        tolerate(failure);
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"TOPIC_MISSING", "TRANSFORMATION_THROWS"})
    void so_it_is_whatever_fails_with_tolerance(Failure failure) throws Exception {
        tolerate(failure);
    }

    private void tolerate(Failure failure) throws Exception {
        String name = "all-" + failure.name().toLowerCase(Locale.ROOT);
        Map<String, String> properties = connector(name);
        properties.put("broker.linger.ms", "20000");
        properties.put("errors.tolerance", "all");
        properties.put("dead.letter.topic", name + "-dead");
        connect.createTopic(name + "-dead");
        failure.arrange(connect, properties);
        connect.configure(name, properties);
        connect.awaitRunning(name);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 2);
            awaitNothingHeldBack(properties);

            connect.stop(name);
            failure.mend(connect, properties);
            connect.resume(name);
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 3, 5);
        }

        assertThat(values(connect.awaitExactly(3, name))).isEqualTo(numbers(3, 5));
        // What fails for every record fails for dead letters too.
        boolean everyRecord = failure == Failure.TRANSFORMATION_THROWS || failure == Failure.CONVERTER_THROWS;
        assertThat(values(connect.awaitExactly(everyRecord ? 0 : 2, name + "-dead")))
                .hasSameElementsAs(everyRecord ? List.of() : numbers(1, 2));
        awaitNothingHeldBack(properties);
        connect.delete(name);
    }

    @Test
    void a_kafka_that_is_slow_holds_up_no_device_and_gets_everything_in_order() throws Exception {
        Map<String, String> properties = connector("slow-kafka");
        connect.createTopic("slow-kafka");
        connect.kafka().limit("connector-producer-slow-kafka-0", OptionalDouble.of(20_000));
        connect.configure("slow-kafka", properties);
        connect.awaitRunning("slow-kafka");
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 5_000);
            assertThat(heldBack(properties))
                    .as("acknowledged, and not in Kafka")
                    .isGreaterThan(1_000);
            assertThat(device.disconnections()).isZero();
        }
        connect.kafka().limit("connector-producer-slow-kafka-0", OptionalDouble.empty());

        assertThat(values(connect.awaitExactly(5_000, "slow-kafka"))).isEqualTo(numbers(1, 5_000));
        awaitNothingHeldBack(properties);
        connect.awaitRunning("slow-kafka");
        connect.delete("slow-kafka");
    }

    private static void awaitNothingHeldBack(Map<String, String> properties) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(heldBack(properties)).isZero());
    }

    @Test
    void the_listeners_of_a_failed_task_close_after_the_linger_and_open_again_when_it_is_restarted() throws Exception {
        Map<String, String> properties = connector("lingering");
        properties.put("broker.linger.ms", "1000");
        properties.put("producer.override.max.block.ms", "200");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        properties.put("broker.listeners", "tcp://127.0.0.1:" + port);
        connect.configure("lingering", properties);
        connect.awaitRunning("lingering");
        try (Device device = Device.connect(port, "device-1")) {
            CompletableFuture<Void> published = device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 1);
            connect.awaitFailure("lingering");
            await().atMost(Duration.ofSeconds(10)).until(() -> !device.isConnected());
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                    .isInstanceOf(ConnectException.class);
            published.handle((done, lost) -> lost).join();
        }
        connect.createTopic("lingering");
        connect.restartTask("lingering");
        try (Device device = Device.connect(port, "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 2, 2);
        }

        assertThat(values(connect.awaitExactly(2, "lingering"))).containsExactly("1", "2");
        connect.delete("lingering");
    }

    private static String firstLine(String trace) {
        return trace.lines().findFirst().orElse("");
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
