package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.ConnectWorker.Mode;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.KafkaServer;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What must work in every worker: the connector is found, started from a file or over REST, brings a message into Kafka, is
 * seen over JMX and deleted, and the worker ends in an orderly way and has logged no error.
 *
 * @param libraries the worker's
 * @param plugins folder with the unpacked archive
 * @param folder for the worker and the buffer
 */
record Acceptance(String name, Mode mode, Path libraries, Jvm jvm, KafkaServer kafka, Path plugins, Path folder) {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    void check() throws Exception {
        RemoteJmx jmx = RemoteJmx.onFreePort();
        int mqttPort = FreePort.next();
        ConnectWorker worker = new ConnectWorker(
                mode,
                libraries,
                plugins,
                kafka.bootstrapServers(),
                folder.resolve(name),
                ownGroup(),
                jvm.with(jmx.jvmOptions()));
        try (worker) {
            if (mode == Mode.STANDALONE) {
                worker.start(List.of(configurationFile(mqttPort)));
            } else {
                worker.start();
                worker.rest().create(name, configuration(mqttPort));
            }
            worker.rest().awaitRunning(name, TIMEOUT);

            publish(mqttPort);
            assertThatTheRecordIsInKafka();
            assertThatJmxShowsIt(jmx);

            worker.rest().delete(name);
            await().atMost(TIMEOUT)
                    .until(() -> jmx.names("kafka.connect:type=plugins,connector=" + name + ",*")
                            .isEmpty());
        }
        assertThat(new WorkerLog(worker).lines())
                .noneMatch(line -> line.contains(" ERROR ") || line.contains(" FATAL "))
                .anyMatch(line -> line.contains("Kafka Connect stopped"));
    }

    private void publish(int mqttPort) throws Exception {
        try (Publisher device = Publisher.mqtt5("thermometer", mqttPort)) {
            device.connect();
            device.publish("sensors/1/temp", "21.5".getBytes(UTF_8)).get(10, TimeUnit.SECONDS);
        }
    }

    private void assertThatTheRecordIsInKafka() {
        try (TopicReader topic = new TopicReader(kafka.bootstrapServers(), name)) {
            List<ConsumerRecord<String, byte[]>> records = topic.read(1, TIMEOUT);
            assertThat(records).hasSize(1);
            ConsumerRecord<String, byte[]> record = records.get(0);
            assertThat(record.key()).isEqualTo("sensors/1/temp");
            assertThat(record.value()).asString(UTF_8).isEqualTo("21.5");
            assertThat(record.headers().lastHeader("mqtt.client.id").value())
                    .asString(UTF_8)
                    .isEqualTo("thermometer");
            assertThat(record.headers().lastHeader("mqtt.qos").value())
                    .asString(UTF_8)
                    .isEqualTo("1");
        }
    }

    private void assertThatJmxShowsIt(RemoteJmx jmx) {
        String task = "kafka.connect:type=plugins,connector=" + name + ",task=0";
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(jmx.value(task, "sluice-delivered-records-total"))
                        .isEqualTo(1.0));
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(jmx.value(task + ",broker=" + name, "sluice-captured-messages-total"))
                        .isEqualTo(1.0));
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat((String[]) jmx.value("io.sluice:type=Events", "Latest"))
                        .anyMatch(event -> event.contains("task.started")));
    }

    private Map<String, String> ownGroup() {
        if (mode == Mode.STANDALONE) {
            return Map.of();
        }
        return Map.of(
                "group.id", name,
                "config.storage.topic", name + "-config",
                "offset.storage.topic", name + "-offset",
                "status.storage.topic", name + "-status");
    }

    private Map<String, String> configuration(int mqttPort) throws Exception {
        Map<String, String> config = new HashMap<>(Installed.sampleConfiguration("first.json"));
        config.put("broker.listeners", "tcp://127.0.0.1:" + mqttPort);
        config.put("broker.name", name);
        config.put("buffer.dir", folder.resolve(name).resolve("buffer").toString());
        config.put("kafka.topic", name);
        return config;
    }

    private Path configurationFile(int mqttPort) throws Exception {
        Properties properties = new Properties();
        properties.putAll(configuration(mqttPort));
        properties.put("name", name);
        Path file = Files.createDirectories(folder).resolve(name + ".properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return file;
    }
}
