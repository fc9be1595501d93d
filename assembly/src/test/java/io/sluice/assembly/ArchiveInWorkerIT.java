package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.FreePort;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ArchiveInWorkerIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    /** An example of TBMQ or RobustMQ, and what it should make of a message. */
    private record Example(String file, String mqttTopic, String kafkaTopic, String key) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("tbmq.json", "tbmq/kafka-integration", "tbmq.messages", ""),
            new Example("robustmq-sensors.json", "iot/sensors/temp_001/data", "iot_sensors", "sensor_key"),
            new Example("robustmq-devices.json", "iot/devices/7/status", "device_status", "device_key"),
            new Example("robustmq-alarms.json", "iot/alarms/fire/kitchen", "alarms", "alarm_key"));

    @Test
    void the_worker_finds_the_connector_and_its_version() {
        assertThat(INSTALLED.worker().rest().plugins()).anySatisfy(plugin -> {
            assertThat(plugin.path("class").asText()).isEqualTo("io.sluice.connect.MqttSourceConnector");
            assertThat(plugin.path("type").asText()).isEqualTo("source");
            assertThat(plugin.path("version").asText()).isEqualTo(Archives.VERSION);
        });
    }

    @Test
    void with_the_first_configuration_a_message_is_one_record_with_its_topic_as_key_and_its_payload_as_value()
            throws Exception {
        int port = FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(port);
        INSTALLED.worker().rest().create("first", config);
        INSTALLED.worker().rest().awaitRunning("first", TIMEOUT);

        try (Publisher device = Publisher.mqtt3("thermometer", port);
                TopicReader iot = new TopicReader(INSTALLED.kafka().bootstrapServers(), "iot")) {
            device.connect();
            device.publish("lamps/1/colour", "blue".getBytes(UTF_8)).get(10, TimeUnit.SECONDS);
            device.publish("sensors/1/temp", "21.5".getBytes(UTF_8)).get(10, TimeUnit.SECONDS);

            List<ConsumerRecord<String, byte[]>> records = iot.read(1, TIMEOUT);

            assertThat(records).hasSize(1);
            ConsumerRecord<String, byte[]> record = records.get(0);
            assertThat(record.key()).isEqualTo("sensors/1/temp");
            assertThat(record.value()).asString(UTF_8).isEqualTo("21.5");
            assertThat(headers(record))
                    .containsEntry("mqtt.topic", "sensors/1/temp")
                    .containsEntry("mqtt.qos", "1")
                    .containsEntry("mqtt.retained", "false")
                    .containsEntry("mqtt.duplicate", "false")
                    .containsEntry("mqtt.client.id", "thermometer");
        }
        INSTALLED.worker().rest().delete("first");
    }

    @Test
    void what_mqtt_5_says_about_a_message_is_in_the_headers_of_its_record() throws Exception {
        int port = FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(port);
        config.put("kafka.topic", "mqtt5");
        config.put("broker.name", "mqtt5");
        INSTALLED.worker().rest().create("mqtt5", config);
        INSTALLED.worker().rest().awaitRunning("mqtt5", TIMEOUT);

        Mqtt5BlockingClient device = Mqtt5Client.builder()
                .identifier("scale")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        device.connect();
        device.publishWith()
                .topic("sensors/2/weight")
                .qos(MqttQos.EXACTLY_ONCE)
                .contentType("text/plain")
                .responseTopic("answers/2")
                .userProperties()
                .add("unit", "kg")
                .applyUserProperties()
                .payload("70".getBytes(UTF_8))
                .send();
        device.disconnect();

        try (TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), "mqtt5")) {
            List<ConsumerRecord<String, byte[]>> records = topic.read(1, TIMEOUT);
            assertThat(records).hasSize(1);
            assertThat(headers(records.get(0)))
                    .containsEntry("mqtt.qos", "2")
                    .containsEntry("mqtt.content.type", "text/plain")
                    .containsEntry("mqtt.response.topic", "answers/2")
                    .containsEntry("mqtt.property.unit", "kg");
        }
        INSTALLED.worker().rest().delete("mqtt5");
    }

    @Test
    void every_configuration_in_the_archive_is_valid_and_uses_only_keys_that_exist() throws Exception {
        for (String sample : samples()) {
            Map<String, String> config = Installed.sampleConfiguration(sample);

            JsonNode validation = INSTALLED.worker().rest().validate(sample, config);

            Set<String> known = StreamSupport.stream(validation.path("configs").spliterator(), false)
                    .map(key -> key.at("/value/name").asText())
                    .collect(Collectors.toSet());
            assertThat(validation.path("error_count").asInt())
                    .as("%s: %s", sample, validation)
                    .isZero();
            assertThat(config.keySet())
                    .as(sample)
                    .allMatch(key -> known.contains(key) || key.startsWith("topic.creation."));
        }
    }

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

    /** The configurations in the archive. */
    private static Set<String> samples() throws Exception {
        String folder = Archives.ROOT + "etc/";
        return Archives.zip().keySet().stream()
                .filter(name -> name.startsWith(folder) && name.endsWith(".json"))
                .map(name -> name.substring(folder.length()))
                .filter(name -> !name.contains("/"))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> headers(ConsumerRecord<?, ?> record) {
        Map<String, String> headers = new TreeMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        return headers;
    }
}
