package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.FreePort;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of TBMQ and RobustMQ, as they are in the archive, at the same time. */
class ExamplesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    /** An example, and what it should make of a message. */
    private record Example(String file, String mqttTopic, String kafkaTopic, String key) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("tbmq.json", "tbmq/kafka-integration", "tbmq.messages", ""),
            new Example("robustmq-sensors.json", "iot/sensors/temp_001/data", "iot_sensors", "sensor_key"),
            new Example("robustmq-devices.json", "iot/devices/7/status", "device_status", "device_key"),
            new Example("robustmq-alarms.json", "iot/alarms/fire/kitchen", "alarms", "alarm_key"));

    @Test
    void connectors_of_both_systems_examples_run_side_by_side_on_one_port() throws Exception {
        Map<String, String> broker = INSTALLED.firstConfiguration(FreePort.next());
        ConnectRest rest = INSTALLED.worker().rest();
        for (Example example : EXAMPLES) {
            Map<String, String> config = new TreeMap<>(Installed.sampleConfiguration(example.file()));
            config.put("broker.listeners", broker.get("broker.listeners"));
            config.put("buffer.dir", broker.get("buffer.dir"));
            rest.create(example.file(), config);
            rest.awaitRunning(example.file(), TIMEOUT);
        }

        String listener = broker.get("broker.listeners");
        int port = Integer.parseInt(listener.substring(listener.lastIndexOf(':') + 1));
        try (Publisher device = Publisher.mqtt3("device", port)) {
            device.connect();
            device.publish("iot/other", "nobody's".getBytes(UTF_8)).get(10, TimeUnit.SECONDS);
            for (Example example : EXAMPLES) {
                device.publish(example.mqttTopic(), example.file().getBytes(UTF_8))
                        .get(10, TimeUnit.SECONDS);
            }
        }

        for (Example example : EXAMPLES) {
            try (TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), example.kafkaTopic())) {
                List<ConsumerRecord<String, byte[]>> records = topic.read(1, TIMEOUT);
                assertThat(records).as(example.file()).hasSize(1);
                assertThat(records.get(0).key()).isEqualTo(example.key().isEmpty() ? null : example.key());
                assertThat(records.get(0).value())
                        .asString(UTF_8)
                        .contains("\"payload\":\""
                                + Base64.getEncoder()
                                        .encodeToString(example.file().getBytes(UTF_8)) + "\"");
            }
            rest.delete(example.file());
        }
    }
}
