package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.ConnectRest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** The archive in the worker that comes with the official Kafka image, installed as its users install it. */
@Testcontainers(disabledWithoutDocker = true)
class OfficialImageIT {

    private static final DockerImageName IMAGE =
            DockerImageName.parse("apache/kafka:" + System.getProperty("kafka.version"));
    private static final int REST_PORT = 8083;
    private static final int MQTT_PORT = 1883;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final Network NETWORK = Network.newNetwork();

    @Container
    static final KafkaContainer KAFKA =
            new KafkaContainer(IMAGE).withNetwork(NETWORK).withListener("kafka:19092");

    @Container
    static final GenericContainer<?> WORKER = new GenericContainer<>(IMAGE)
            .withNetwork(NETWORK)
            .dependsOn(KAFKA)
            .withExposedPorts(REST_PORT, MQTT_PORT)
            .withCopyFileToContainer(MountableFile.forHostPath(Archives.TAR_GZ), "/tmp/plugin.tar.gz")
            .withCopyToContainer(Transferable.of("""
                            bootstrap.servers=kafka:19092
                            listeners=http://0.0.0.0:8083
                            offset.storage.file.filename=/tmp/offsets
                            plugin.path=/tmp/plugins
                            plugin.discovery=service_load
                            key.converter=org.apache.kafka.connect.json.JsonConverter
                            value.converter=org.apache.kafka.connect.json.JsonConverter
                            """), "/tmp/worker.properties")
            .withCommand(
                    "sh",
                    "-c",
                    "mkdir /tmp/plugins && tar -xzf /tmp/plugin.tar.gz -C /tmp/plugins"
                            + " && exec /opt/kafka/bin/connect-standalone.sh /tmp/worker.properties")
            .waitingFor(Wait.forHttp("/health").forPort(REST_PORT).withStartupTimeout(TIMEOUT));

    @AfterAll
    static void closeNetwork() {
        NETWORK.close();
    }

    @Test
    void a_message_published_to_the_container_is_in_kafka() throws Exception {
        ConnectRest rest = new ConnectRest("http://" + WORKER.getHost() + ":" + WORKER.getMappedPort(REST_PORT));
        Map<String, String> config = Installed.sampleConfiguration("first.json");
        config.put("broker.listeners", "tcp://0.0.0.0:" + MQTT_PORT);
        config.put("broker.allow.anonymous", "true");
        config.put("buffer.dir", "/tmp/buffer");
        rest.create("first", config);
        rest.awaitRunning("first", TIMEOUT);

        try (Publisher device = Publisher.mqtt5("thermometer", WORKER.getMappedPort(MQTT_PORT));
                TopicReader iot = new TopicReader(KAFKA.getBootstrapServers(), "iot")) {
            device.connect();
            device.publish("sensors/1/temp", "21.5".getBytes(UTF_8)).get(10, TimeUnit.SECONDS);

            List<ConsumerRecord<String, byte[]>> records = iot.read(1, TIMEOUT);
            assertThat(records).hasSize(1);
            assertThat(records.get(0).key()).isEqualTo("sensors/1/temp");
            assertThat(records.get(0).value()).asString(UTF_8).isEqualTo("21.5");
        }
    }
}
