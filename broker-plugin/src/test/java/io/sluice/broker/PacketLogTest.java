package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.moquette.broker.metrics.MQTTMessageLogger;
import io.sluice.LoggedEvents;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PacketLogTest {

    private static final String NAME = MQTTMessageLogger.class.getName();

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(NAME);

    @AfterEach
    void forget() {
        Configurator.setLevel(NAME, Level.WARN);
    }

    @Test
    void a_worker_that_logs_what_informs_has_no_line_for_every_acknowledgement() throws Exception {
        publishAt(Level.INFO);

        assertThat(logged.lines()).noneMatch(line -> line.contains("PUB"));
    }

    @Test
    void packets_are_logged_where_their_logger_is_set_to_debug() throws Exception {
        publishAt(Level.DEBUG);

        assertThat(logged.lines()).anyMatch(line -> line.contains("PUBACK"));
    }

    private static void publishAt(Level level) throws Exception {
        Configurator.setLevel(NAME, level);
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = MqttClient.builder()
                    .useMqttVersion5()
                    .identifier("device")
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port())
                    .buildBlocking();
            device.connect();
            device.publishWith()
                    .topic("a")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("1".getBytes(UTF_8))
                    .send();
            device.disconnect();
            assertThat(reader.read(1)).hasSize(1);
        }
    }
}
