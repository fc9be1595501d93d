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
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A Kafka and a Connect worker, each a separate process, with the unpacked archive as the only entry of the worker's
 * plugin path; shared by all test classes that ask for the same settings of the worker.
 */
final class Installed implements BeforeAllCallback, AfterTestExecutionCallback {

    /** Variable in the environment of each worker with a separate folder, as each machine has its own disk. */
    static final String WORKER_FOLDER = "WORKER_FOLDER";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Path LIBRARIES = Path.of(System.getProperty("kafka.libraries"));
    private static final int LOG_LINES = 60;

    private final Map<String, String> workerSettings;
    private Processes processes;

    /** Processes with the worker's usual settings. */
    Installed() {
        this(Map.of());
    }

    /** Processes with settings of the worker beside the usual ones. */
    Installed(Map<String, String> workerSettings) {
        this.workerSettings = Map.copyOf(workerSettings);
    }

    private record Processes(TemporaryFolder folder, KafkaServer kafka, ConnectWorker worker) implements AutoCloseable {

        static Processes start(Map<String, String> workerSettings) {
            TemporaryFolder folder = TemporaryFolder.create("sluice-it-");
            PluginArchive.unpack(Archives.ZIP, folder.path().resolve("plugins"));
            KafkaServer kafka = new KafkaServer(LIBRARIES, folder.path().resolve("kafka"));
            kafka.start();
            Processes started = new Processes(folder, kafka, worker(folder, kafka, "connect", workerSettings));
            started.worker().start();
            return started;
        }

        private static ConnectWorker worker(
                TemporaryFolder folder, KafkaServer kafka, String name, Map<String, String> settings) {
            Map<String, String> all = new HashMap<>(settings);
            // Tests kill workers: the group is to notice it soon.
            all.put("session.timeout.ms", "3000");
            return new ConnectWorker(
                    ConnectWorker.Mode.DISTRIBUTED,
                    LIBRARIES,
                    folder.path().resolve("plugins"),
                    kafka.bootstrapServers(),
                    folder.path().resolve(name),
                    all,
                    Jvm.smallAndQuick()
                            .withEnvironment(Map.of(
                                    WORKER_FOLDER, folder.path().resolve(name).toString())));
        }

        @Override
        public void close() throws IOException {
            // The tests are over: nobody waits for an orderly end.
            worker.kill();
            kafka.kill();
            folder.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        processes = context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.GLOBAL)
                .computeIfAbsent(workerSettings, Processes::start, Processes.class);
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
        return processes.kafka();
    }

    ConnectWorker worker() {
        return processes.worker();
    }

    /** Another worker of the same group, not started; the caller closes it. */
    ConnectWorker anotherWorker() {
        return Processes.worker(processes.folder(), processes.kafka(), "connect-2", workerSettings);
    }

    /** The folder with the unpacked archive and nothing else. */
    Path plugins() {
        return processes.folder().path().resolve("plugins");
    }

    /** The first configuration of the documentation, as it is in the archive, on another port and in another folder. */
    Map<String, String> firstConfiguration(int mqttPort) throws IOException {
        Map<String, String> config = sampleConfiguration("first.json");
        config.put("broker.listeners", "tcp://127.0.0.1:" + mqttPort);
        config.put(
                "buffer.dir",
                processes.folder().path().resolve("buffer-" + mqttPort).toString());
        return config;
    }

    /** A configuration in the archive. */
    static Map<String, String> sampleConfiguration(String name) throws IOException {
        byte[] json = Archives.zip().get(Archives.ROOT + "etc/" + name);
        return JSON.convertValue(JSON.readTree(json).path("config"), new TypeReference<TreeMap<String, String>>() {});
    }
}
