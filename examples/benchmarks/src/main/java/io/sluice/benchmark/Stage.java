package io.sluice.benchmark;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.JvmProcess;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.TopicConfig;

/** The processes of a run: a Kafka, Connect workers, brokers. Not thread-safe. */
final class Stage implements AutoCloseable {

    static final int PARTITIONS = 3;
    static final int HEAP_MB = 1024;

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final JsonMapper JSON = new JsonMapper();

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Installation installed;
    private final Path folder;
    private final Path plugins;
    private final KafkaServer kafka;
    private final Brokers brokers;

    /**
     * Where the parts are.
     *
     * @param archive the connector's archive
     * @param kafkaLibraries Kafka's and Connect's jars
     * @param classes the jar of this program
     * @param libraries its libraries
     * @param configuration the first configuration of the documentation
     */
    record Installation(Path archive, Path kafkaLibraries, Path classes, Path libraries, Path configuration) {}

    /** Starts Kafka, and puts the plugins where workers find them. */
    Stage(Installation installed) throws IOException {
        this.installed = installed;
        this.folder = keep(TemporaryFolder.create("sluice-benchmark-")).path();
        this.plugins = folder.resolve("plugins");
        PluginArchive.unpack(installed.archive(), plugins);
        installOwnConnectors();
        this.kafka = keep(new KafkaServer(installed.kafkaLibraries(), folder.resolve("kafka"), Jvm.underLoad(HEAP_MB)));
        kafka.start();
        this.brokers = keep(new Brokers(installed, plugins, folder));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.push(resource);
        return resource;
    }

    private void installOwnConnectors() throws IOException {
        Path own = Files.createDirectories(plugins.resolve("benchmark"));
        Brokers.link(installed.libraries(), own, "org.eclipse.paho");
        Files.copy(installed.classes(), own.resolve("benchmark.jar"));
    }

    /** For files of measurements. */
    Path folder() {
        return folder;
    }

    KafkaServer kafka() {
        return kafka;
    }

    /** Starts a Connect worker. */
    ConnectWorker worker(String name, int heapMb, Map<String, String> settings) {
        Map<String, String> complete = new HashMap<>(settings);
        complete.put("group.id", name);
        complete.put("config.storage.topic", name + "-config");
        complete.put("offset.storage.topic", name + "-offset");
        complete.put("status.storage.topic", name + "-status");
        // The benchmark's own connectors have no service files.
        complete.put("plugin.discovery", "hybrid_warn");
        ConnectWorker worker = keep(new ConnectWorker(
                ConnectWorker.Mode.DISTRIBUTED,
                installed.kafkaLibraries(),
                plugins,
                kafka.bootstrapServers(),
                folder.resolve(name),
                complete,
                Jvm.underLoad(heapMb)));
        worker.start();
        return worker;
    }

    /** Sluice in a worker: the first configuration of the documentation and some settings. */
    Contender sluice(ConnectWorker worker, String name, Map<String, String> settings) throws IOException {
        String connector = connectorName(name);
        int port = FreePort.next();
        Map<String, String> config = firstConfiguration();
        config.put("broker.name", connector);
        config.put("broker.listeners", "tcp://127.0.0.1:" + port);
        config.put("buffer.dir", folder.resolve("buffer-" + connector).toString());
        config.putAll(settings);
        start(worker, connector, config);
        return new Contender(name, port, Optional.of(connector), List.of(worker.process(), kafka.process()));
    }

    /** Sluice whose broker is a separate process. */
    Contender remoteSluice(ConnectWorker worker, String name) throws IOException {
        String connector = connectorName(name);
        int port = FreePort.next();
        int drainPort = FreePort.next();
        JvmProcess broker = brokers.sluice(port, drainPort);
        Map<String, String> config = firstConfiguration();
        config.keySet().removeIf(key -> key.startsWith("broker.") || key.startsWith("buffer."));
        config.put("broker.mode", "remote");
        config.put("buffer.endpoints", "tcp://127.0.0.1:" + drainPort);
        start(worker, connector, config);
        return new Contender(name, port, Optional.of(connector), List.of(broker, worker.process(), kafka.process()));
    }

    private static String connectorName(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private Map<String, String> firstConfiguration() throws IOException {
        Map<String, String> config = new HashMap<>(JSON.convertValue(
                JSON.readTree(installed.configuration().toFile()).path("config"),
                new TypeReference<Map<String, String>>() {}));
        config.put("topic.filters", "bench/#");
        return config;
    }

    /** One whose records say when Kafka took them. */
    void createTopic(String name) {
        kafka.createTopic(name, PARTITIONS, Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
    }

    private void start(ConnectWorker worker, String connector, Map<String, String> config) {
        config.put("kafka.topic", connector);
        createTopic(connector);
        worker.rest().create(connector, config);
        worker.rest().awaitRunning(connector, PATIENCE);
    }

    /** Moquette as it is, in a separate process. */
    Contender moquette(String name) throws IOException {
        int port = FreePort.next();
        return new Contender(
                name, port, Optional.empty(), List.of(brokers.moquette(port, Brokers.SESSION_QUEUE, List.of())));
    }

    /** Moquette with an interceptor that sends to Kafka. */
    Contender interceptor(String name, String topic) throws IOException {
        int port = FreePort.next();
        createTopic(topic);
        JvmProcess broker = brokers.moquette(port, Brokers.SESSION_QUEUE, List.of(kafka.bootstrapServers(), topic));
        return new Contender(name, port, Optional.of(topic), List.of(broker, kafka.process()));
    }

    /**
     * A connector that subscribes to a separate Moquette, with a queue that is large enough: with Moquette's own
     * default what the subscriber acknowledges is dropped under load, and soon nothing is sent to it any more.
     */
    Contender subscriber(ConnectWorker worker, String name, String topic) throws IOException {
        int port = FreePort.next();
        createTopic(topic);
        JvmProcess broker = brokers.moquette(port, Brokers.LARGE_SESSION_QUEUE, List.of());
        worker.rest()
                .create(
                        topic,
                        Map.of(
                                "connector.class",
                                PahoSourceConnector.class.getName(),
                                "tasks.max",
                                "1",
                                PahoSourceTask.BROKER,
                                "tcp://127.0.0.1:" + port,
                                PahoSourceTask.TOPIC,
                                topic,
                                "key.converter",
                                "org.apache.kafka.connect.storage.StringConverter",
                                "value.converter",
                                "org.apache.kafka.connect.converters.ByteArrayConverter"));
        worker.rest().awaitRunning(topic, PATIENCE);
        return new Contender(name, port, Optional.of(topic), List.of(broker, worker.process(), kafka.process()));
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new UncheckedIOException(new IOException("Cannot close what the benchmark has started", e));
            }
        }
    }
}
