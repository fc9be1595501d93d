package io.sluice.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.config.SourceConfig;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How to test what a device publishes without Kafka: the connector's broker in the test's own process, on a free port,
 * with the configuration that the connector takes.
 *
 * <p>The JVM needs {@code -Dio.netty.bootstrap.extensions=serviceload} if an MQTT client, or anything else that uses the
 * same Netty, may run in it before the broker.
 */
class ThermometerTest {

    @TempDir
    Path folder;

    private EmbeddedBroker broker;
    private Attachment captured;

    @BeforeEach
    void startBroker() {
        SourceConfig config = SourceConfig.of(Map.of(
                "name", "thermometer-test",
                "broker.listeners", "tcp://127.0.0.1:0",
                "broker.linger.ms", "0",
                "buffer.dir", folder.toString(),
                "topic.filters", "sensors/#"));
        broker = EmbeddedBroker.acquire(config.broker());
        captured = broker.buffer().attach(config.consumer(Lanes.ALL));
        captured.seek(captured.acknowledged());
    }

    @AfterEach
    void stopBroker() {
        captured.close();
        broker.close();
    }

    @Test
    void a_thermometer_publishes_what_it_measures() throws Exception {
        Mqtt5BlockingClient thermometer = Mqtt5Client.builder()
                .identifier("thermometer")
                .serverHost("127.0.0.1")
                .serverPort(broker.listeners().get(0).port())
                .buildBlocking();
        thermometer.connect();
        thermometer
                .publishWith()
                .topic("sensors/1/temp")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("21.5".getBytes(UTF_8))
                .send();
        thermometer.disconnect();

        List<StoredMessage> messages =
                captured.read(10, 1_000_000, Duration.ofSeconds(10)).messages();

        assertThat(messages).hasSize(1);
        Message message = messages.get(0).message();
        assertThat(message.clientId()).isEqualTo("thermometer");
        assertThat(message.topic()).isEqualTo("sensors/1/temp");
        assertThat(UTF_8.decode(message.payload()).toString()).isEqualTo("21.5");
    }
}
