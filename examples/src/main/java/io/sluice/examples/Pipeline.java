package io.sluice.examples;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * A Kafka, a Connect worker and the connector in it, all running.
 *
 * @param bootstrapServers where Kafka is
 * @param workerUrl the worker's REST interface
 * @param connector the connector's name
 * @param mqttPort where devices connect, on the loopback address
 * @param topic the Kafka topic that messages arrive in
 * @param folder where all of it keeps its files
 * @param statusUrl where the worker says what goes on
 */
record Pipeline(
        String bootstrapServers,
        String workerUrl,
        String connector,
        int mqttPort,
        String topic,
        Path folder,
        String statusUrl) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECTOR_TIMEOUT = Duration.ofMinutes(1);
    private static final int PARTITIONS = 3;

    /**
     * Starts everything.
     *
     * @param archive the connector's zip
     * @param kafkaLibraries folder with the jars of Kafka and Connect
     * @param configuration file with the connector's name and configuration; its listener and its buffer's folder are
     *     replaced by ones that are free here, and it gets a status listener
     * @param cleanup ends everything again
     */
    static Pipeline start(Path archive, Path kafkaLibraries, Path configuration, Cleanup cleanup, PrintWriter out) {
        Path folder = cleanup.add(TemporaryFolder.create("sluice-quickstart-")).path();
        JsonNode connector = read(configuration);
        String name = connector.path("name").asText();
        Map<String, String> config = JSON.convertValue(connector.path("config"), new TypeReference<>() {});
        int mqttPort = FreePort.next();
        config.put("broker.listeners", "tcp://127.0.0.1:" + mqttPort);
        config.put("buffer.dir", folder.resolve("buffer").toString());
        String statusUrl = "http://127.0.0.1:" + FreePort.next();
        config.put("status.listener", statusUrl);
        String topic = config.getOrDefault("kafka.topic", "mqtt.messages");

        KafkaServer kafka = cleanup.add(new KafkaServer(kafkaLibraries, folder.resolve("kafka")));
        step(out, "Kafka", kafka.bootstrapServers(), () -> {
            kafka.start();
            kafka.createTopic(topic, PARTITIONS);
        });

        Path plugins = folder.resolve("plugins");
        PluginArchive.unpack(archive, plugins);
        ConnectWorker worker = cleanup.add(new ConnectWorker(
                ConnectWorker.Mode.DISTRIBUTED,
                kafkaLibraries,
                plugins,
                kafka.bootstrapServers(),
                folder.resolve("connect"),
                Map.of()));
        step(out, "Connect worker", worker.rest().url(), worker::start);
        step(out, "MQTT connector", "mqtt://127.0.0.1:" + mqttPort, () -> {
            worker.rest().create(name, config);
            worker.rest().awaitRunning(name, CONNECTOR_TIMEOUT);
        });
        return new Pipeline(kafka.bootstrapServers(), worker.rest().url(), name, mqttPort, topic, folder, statusUrl);
    }

    /** Tells what is being started, and how long it took. */
    private static void step(PrintWriter out, String what, String where, Runnable action) {
        out.printf("  %-16s", what);
        out.flush();
        long start = System.nanoTime();
        action.run();
        out.printf(Locale.ROOT, "%-26s ready in %.1f s%n", where, (System.nanoTime() - start) / 1e9);
        out.flush();
    }

    private static JsonNode read(Path configuration) {
        try {
            return JSON.readTree(configuration.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + configuration, e);
        }
    }
}
