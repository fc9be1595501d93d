package io.sluice.tools.cli;

import static org.awaitility.Awaitility.await;

import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A Kafka and a worker with the plugin, each a separate process. All test classes share them at the same time, so that each takes
 * names that no other has.
 */
final class Installed implements BeforeAllCallback, AfterTestExecutionCallback {

    private static final Path LIBRARIES = Path.of(System.getProperty("kafka.libraries"));
    private static final Path PLUGINS = Path.of(System.getProperty("plugin.path"));
    private static final int LOG_LINES = 60;

    /** Where Kafka's clients and brokers may ask for tokens and keys. */
    private static final String ALLOWED_URLS = "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=";

    private final Set<String> named = ConcurrentHashMap.newKeySet();
    private Processes processes;

    private record Processes(
            TemporaryFolder folder,
            KafkaServer kafka,
            SecureListeners listeners,
            TokenIssuer issuer,
            ConnectWorker worker)
            implements AutoCloseable {

        static Processes start() {
            TemporaryFolder folder = TemporaryFolder.create("sluice-tools-");
            TokenIssuer issuer = TokenIssuer.start();
            Path tokenKeys = issuer.writeKeys(folder.path().resolve("keys.json"));
            KafkaServer kafka = new KafkaServer(
                    LIBRARIES,
                    folder.path().resolve("kafka"),
                    Jvm.smallAndQuick().with(List.of(ALLOWED_URLS + tokenKeys.toUri())));
            SecureListeners listeners = SecureListeners.add(kafka, folder.path(), tokenKeys);
            kafka.start();
            listeners.letUserIn(kafka);
            ConnectWorker worker = new ConnectWorker(
                    ConnectWorker.Mode.DISTRIBUTED,
                    LIBRARIES,
                    PLUGINS,
                    kafka.bootstrapServers(),
                    folder.path().resolve("connect"),
                    Map.of(
                            "offset.flush.interval.ms",
                            "500",
                            "config.providers",
                            "file",
                            "config.providers.file.class",
                            "org.apache.kafka.common.config.provider.FileConfigProvider"),
                    Jvm.smallAndQuick().with(List.of(ALLOWED_URLS + issuer.url())));
            worker.start();
            return new Processes(folder, kafka, listeners, issuer, worker);
        }

        @Override
        public void close() throws IOException {
            // The tests are over: nobody waits for an orderly end.
            worker.kill();
            kafka.kill();
            issuer.close();
            folder.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        processes = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.GLOBAL)
                .computeIfAbsent(Installed.class, key -> Processes.start(), Processes.class);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent()) {
            List<String> log = Files.readAllLines(processes.worker().log());
            System.err.println("The end of the worker's log:\n"
                    + String.join("\n", log.subList(Math.max(0, log.size() - LOG_LINES), log.size())));
        }
    }

    /** The worker, as the tests themselves ask it. */
    ConnectRest rest() {
        return processes.worker().rest();
    }

    /** Listeners of the Kafka that ask who comes. */
    SecureListeners secureListeners() {
        return processes.listeners();
    }

    /** Where the identity provider that the Kafka trusts issues tokens. */
    String tokenUrl() {
        return processes.issuer().url();
    }

    KafkaServer kafka() {
        return processes.kafka();
    }

    /** The first records of a topic, as soon as there are as many. */
    List<ConsumerRecord<String, byte[]>> read(String topic, int count) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka().bootstrapServers(),
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.GROUP_ID_CONFIG,
                topic + "-reader-" + System.nanoTime());
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            await().atMost(Duration.ofSeconds(30)).pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }

    /** The program in a home, with the worker and the Kafka in its environment. */
    Tool tool(Path home) {
        return new Tool(home).with("SLUICE_WORKER", rest().url()).with("SLUICE_KAFKA", kafka().bootstrapServers());
    }

    /** Deletes those connectors of which {@link #file} has made a file, if they are there. */
    void deleteConnectors() {
        tool(processes.folder().path())
                .run("connector", "list", "-o", "name")
                .out()
                .lines()
                .filter(named::contains)
                .forEach(rest()::delete);
    }

    /** A file with a connector that has a separate broker and buffer. */
    Path file(Path folder, String name, int mqttPort, String kafkaTopic) throws IOException {
        named.add(name);
        return Files.writeString(
                folder.resolve(name + ".json"), """
                {
                  "name": "%s",
                  "config": {
                    "connector.class": "io.sluice.connect.MqttSourceConnector",
                    "tasks.max": "1",
                    "broker.name": "%s",
                    "broker.listeners": "tcp://127.0.0.1:%d",
                    "broker.linger.ms": "0",
                    "buffer.dir": "%s",
                    "topic.filters": "sensors/#",
                    "kafka.topic": "%s",
                    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
                    "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
                    "topic.creation.default.partitions": "1",
                    "topic.creation.default.replication.factor": "1"
                  }
                }
                """.formatted(name, name, mqttPort, buffer(name), kafkaTopic));
    }

    /** The worker's own file of properties. */
    Path workerConfig() {
        return processes.folder().path().resolve("connect").resolve("worker.properties");
    }

    /** A folder for a broker's buffer. */
    Path buffer(String name) {
        return processes.folder().path().resolve("buffer-" + name);
    }

    int freePort() {
        return FreePort.next();
    }
}
