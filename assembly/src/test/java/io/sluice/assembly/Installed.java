package io.sluice.assembly;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A Kafka and a Connect worker, each a separate process, with the unpacked archive as the only entry of the worker's
 * plugin path. All test classes of a JVM share the Kafka, and those that ask for the same settings of the worker share it too.
 */
final class Installed implements BeforeAllCallback, AfterTestExecutionCallback {

    /** Variable in the environment of each worker with a separate folder, as each machine has its own disk. */
    static final String WORKER_FOLDER = "WORKER_FOLDER";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Path LIBRARIES = Path.of(System.getProperty("kafka.libraries"));
    private static final int LOG_LINES = 60;

    private final Map<String, String> workerSettings;
    private SharedKafka shared;
    private ConnectWorker worker;

    /** Processes with the worker's usual settings. */
    Installed() {
        this(Map.of());
    }

    /** Processes with settings of the worker beside the usual ones. */
    Installed(Map<String, String> workerSettings) {
        this.workerSettings = Map.copyOf(workerSettings);
    }

    /** Workers of different settings are of different groups, and share it. */
    private record SharedKafka(TemporaryFolder folder, KafkaServer kafka) implements AutoCloseable {

        static SharedKafka start() {
            TemporaryFolder folder = TemporaryFolder.create("sluice-it-");
            PluginArchive.unpack(Archives.ZIP, folder.path().resolve("plugins"));
            KafkaServer kafka = new KafkaServer(LIBRARIES, folder.path().resolve("kafka"));
            kafka.start();
            return new SharedKafka(folder, kafka);
        }

        @Override
        public void close() throws IOException {
            // The tests are over: nobody waits for an orderly end.
            kafka.kill();
            folder.close();
        }
    }

    private record FirstWorker(ConnectWorker worker) implements AutoCloseable {

        @Override
        public void close() {
            worker.kill();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Store store = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.GLOBAL);
        shared = store.computeIfAbsent(SharedKafka.class, key -> SharedKafka.start(), SharedKafka.class);
        worker = store.computeIfAbsent(group(), this::firstWorker, FirstWorker.class)
                .worker();
    }

    private FirstWorker firstWorker(String group) {
        ConnectWorker first = newWorker(group);
        first.start();
        return new FirstWorker(first);
    }

    /** The group of workers with these settings; also how the names of its topics begin, and its folders. */
    private String group() {
        return "connect-" + (workerSettings.isEmpty() ? "usual" : workerSettings.hashCode());
    }

    private ConnectWorker newWorker(String name) {
        Map<String, String> all = new HashMap<>(workerSettings);
        // Tests kill workers: the group is to notice it soon.
        all.put("session.timeout.ms", "3000");
        all.put("group.id", group());
        for (String topic : List.of("config", "offset", "status")) {
            all.put(topic + ".storage.topic", group() + "-" + topic);
        }
        Path folder = shared.folder().path().resolve(name);
        return new ConnectWorker(
                ConnectWorker.Mode.DISTRIBUTED,
                LIBRARIES,
                plugins(),
                kafka().bootstrapServers(),
                folder,
                all,
                Jvm.smallAndQuick().withEnvironment(Map.of(WORKER_FOLDER, folder.toString())));
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent()) {
            List<String> log = Files.readAllLines(worker().log());
            System.err.println("The end of the worker's log:\n"
                    + String.join("\n", log.subList(Math.max(0, log.size() - LOG_LINES), log.size())));
        }
    }

    KafkaServer kafka() {
        return shared.kafka();
    }

    ConnectWorker worker() {
        return worker;
    }

    /** Where the offsets of the worker's connectors are. */
    TopicPartition offsets() {
        return new TopicPartition(group() + "-offset", 0);
    }

    /** Another worker of the same group, not started; the caller closes it. */
    ConnectWorker anotherWorker() {
        return newWorker(group() + "-second");
    }

    /** The folder with the unpacked archive and nothing else. */
    Path plugins() {
        return shared.folder().path().resolve("plugins");
    }

    /** The first configuration of the documentation, as it is in the archive, on another port and in another folder. */
    Map<String, String> firstConfiguration(int mqttPort) throws IOException {
        Map<String, String> config = sampleConfiguration("first.json");
        config.put("broker.listeners", "tcp://127.0.0.1:" + mqttPort);
        config.put(
                "buffer.dir",
                shared.folder().path().resolve("buffer-" + mqttPort).toString());
        return config;
    }

    /** A configuration in the archive. */
    static Map<String, String> sampleConfiguration(String name) throws IOException {
        byte[] json = Archives.zip().get(Archives.ROOT + "etc/" + name);
        return JSON.convertValue(JSON.readTree(json).path("config"), new TypeReference<TreeMap<String, String>>() {});
    }
}
