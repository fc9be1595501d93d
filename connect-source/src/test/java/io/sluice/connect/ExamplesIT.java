package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.connect.format.sparkplug.wire.Payload;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every example runs as it is, but for ports, files and addresses: the worker's Kafka creates no topics by itself, and what no
 * route can map becomes a dead letter.
 */
class ExamplesIT {

    private static final Path EXAMPLES = Path.of("../examples");
    private static final String DEAD = "mqtt.dead.letters";

    /** By the beginning of the name: where a device publishes, and the Kafka topic where that arrives. */
    private static final Map<String, List<String>> TOPICS = Map.of(
            "topic-per-building", List.of("buildings/north/floor/temp", "building.north"),
            "several-routes", List.of("sensors/1/alarm", "iot.alarms"),
            "robustmq-sensors", List.of("iot/sensors/1/data", "iot_sensors"),
            "robustmq-devices", List.of("iot/devices/1/status", "device_status"),
            "robustmq-alarms", List.of("iot/alarms/1", "alarms"),
            "tbmq", List.of("tbmq/1", "tbmq.messages"),
            "cloudevents", List.of("sensors/1", "iot.events"),
            "keyed-by-client", List.of("sensors/1", "iot.by-client"),
            "sparkplug", List.of("spBv1.0/plant/NBIRTH/press", "sparkplug"));

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    static Stream<String> examples() throws Exception {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json") && !name.startsWith("remote"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_delivers_what_a_device_publishes(String file) throws Exception {
        Map<String, String> properties = example(file);
        assertThat(properties)
                .containsKeys(
                        "topic.creation.default.partitions",
                        "topic.creation.default.replication.factor",
                        "producer.override.batch.size");
        String name = properties.get("name");
        List<String> topics = TOPICS.entrySet().stream()
                .filter(entry -> file.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(List.of("sensors/1", "iot"));
        int before = connect.kafka().hasTopic(topics.get(1))
                ? connect.records(topics.get(1)).size()
                : 0;
        connect.configure(name, properties);
        connect.awaitRunning(name);
        publish(properties, topics.get(0), payload(file));

        List<ConsumerRecord<byte[], byte[]>> records = connect.awaitExactly(before + 1, topics.get(1));
        assertThat(records.get(before).value()).isNotEmpty();
        if (file.startsWith("topic-per-building")) {
            publish(properties, topics.get(0), new byte[] {(byte) 0xff});
            connect.awaitExactly(1, DEAD);
        }
        connect.delete(name);
    }

    private static byte[] payload(String file) {
        return file.startsWith("sparkplug")
                ? Payload.newBuilder().setSeq(0).build().toByteArray()
                : "{\"value\":21.5}".getBytes(UTF_8);
    }

    @Test
    void the_example_of_standalone_brokers_drains_them() throws Exception {
        Map<String, String> properties = example("remote.json");
        properties.keySet().removeIf(key -> key.startsWith("buffer.ssl") || key.startsWith("buffer.auth"));
        properties.put("kafka.topic", "iot.remote");
        List<AutoCloseable> open = new ArrayList<>();
        List<SharedBuffer> buffers = new ArrayList<>();
        List<String> endpoints = new ArrayList<>();
        for (String broker : List.of("one", "two")) {
            SharedBuffer buffer = SharedBuffer.open(new BufferConfig(
                    Optional.of(folders.resolve(broker)),
                    1 << 24,
                    Overflow.BLOCK,
                    1 << 16,
                    Duration.ZERO,
                    Duration.ZERO));
            DrainServer server = DrainServer.start(
                    buffer,
                    new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:0"), Optional.empty(), Optional.empty()));
            open.add(0, buffer);
            open.add(0, server);
            buffers.add(buffer);
            endpoints.add(server.endpoint().toString());
        }
        properties.put("buffer.endpoints", String.join(",", endpoints));
        connect.configure("sluice-remote", properties);
        connect.awaitRunning("sluice-remote");
        for (SharedBuffer buffer : buffers) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> buffer.stats().consumers().stream().anyMatch(consumer -> consumer.attached()));
            TaskHarness.publish(buffer, MessageBuilder.to("sensors/1").build());
        }

        connect.awaitExactly(2, "iot.remote");
        connect.delete("sluice-remote");
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private static Map<String, String> example(String file) throws Exception {
        JsonMapper json = new JsonMapper();
        JsonNode example = json.readTree(EXAMPLES.resolve(file).toFile());
        Map<String, String> properties =
                new HashMap<>(json.convertValue(example.path("config"), new TypeReference<Map<String, String>>() {}));
        String name = example.path("name").asText();
        properties.put("name", name);
        if (properties.containsKey("broker.mode")) {
            return properties;
        }
        properties.put("broker.linger.ms", "0");
        properties.put("broker.name", properties.getOrDefault("broker.name", name));
        properties.put(
                "broker.listeners",
                properties.get("broker.listeners").contains("ws")
                        ? "tcp://127.0.0.1:0,ws://127.0.0.1:0"
                        : "tcp://127.0.0.1:0");
        properties.put("buffer.dir", folders.resolve(name).toString());
        properties.keySet().removeIf(key -> key.startsWith("broker.ssl"));
        if (properties.containsKey("broker.password.file")) {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest("secret".getBytes(UTF_8));
            properties.put(
                    "broker.password.file",
                    Files.writeString(
                                    folders.resolve("passwords"),
                                    "user:" + HexFormat.of().formatHex(hash) + "\n")
                            .toString());
            properties.computeIfPresent("broker.acl.file", (key, path) -> acl());
        }
        return properties;
    }

    private static String acl() {
        try {
            return Files.writeString(folders.resolve("acl"), "user user\ntopic write sensors/#\n")
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void publish(Map<String, String> properties, String topic, byte[] payload) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("device-1")
                .serverHost("127.0.0.1")
                .serverPort(port(properties))
                .simpleAuth()
                .username("user")
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send();
        client.disconnect();
    }
}
