package io.sluice.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Kafka Connect worker in a separate process, whose plugin path is one folder.
 *
 * <p>It finds plugins by their service files only ({@code plugin.discovery=service_load}, KIP-898). Not thread-safe.
 */
public final class ConnectWorker extends KafkaProgram {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    /** How workers keep configurations and offsets, and whether they form a group. */
    public enum Mode {
        /** In Kafka's topics, in a group. */
        DISTRIBUTED("org.apache.kafka.connect.cli.ConnectDistributed"),
        /** Offsets in a file, configurations nowhere, alone. */
        STANDALONE("org.apache.kafka.connect.cli.ConnectStandalone");

        private final String mainClass;

        Mode(String mainClass) {
            this.mainClass = mainClass;
        }

        String mainClass() {
            return mainClass;
        }
    }

    private final Mode mode;
    private final Map<String, String> settings;
    private final ConnectRest rest;

    /**
     * A worker that is not running yet.
     *
     * @param libraries folder with Kafka's and Connect's jars
     * @param pluginPath folder that holds the unpacked plugins and nothing else
     * @param bootstrapServers the Kafka to work with
     * @param folder for its configuration, offsets and log; created if missing
     * @param overrides worker settings beside, or instead of, the ones that this class chooses
     */
    public ConnectWorker(
            Mode mode,
            Path libraries,
            Path pluginPath,
            String bootstrapServers,
            Path folder,
            Map<String, String> overrides) {
        this(mode, libraries, pluginPath, bootstrapServers, folder, overrides, Jvm.smallAndQuick());
    }

    /** The same in another Java virtual machine. */
    public ConnectWorker(
            Mode mode,
            Path libraries,
            Path pluginPath,
            String bootstrapServers,
            Path folder,
            Map<String, String> overrides,
            Jvm jvm) {
        super("The Connect worker", libraries, folder, "connect.log", jvm);
        this.mode = mode;
        String url = "http://127.0.0.1:" + FreePort.next();
        this.rest = new ConnectRest(url);
        Map<String, String> chosen = new HashMap<>();
        chosen.put("bootstrap.servers", bootstrapServers);
        chosen.put("listeners", url);
        chosen.put("plugin.path", pluginPath.toString());
        chosen.put("plugin.discovery", "service_load");
        chosen.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        chosen.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        if (mode == Mode.DISTRIBUTED) {
            chosen.putAll(group());
        } else {
            chosen.put("offset.storage.file.filename", folder.resolve("offsets").toString());
        }
        chosen.putAll(overrides);
        this.settings = Map.copyOf(chosen);
    }

    private static Map<String, String> group() {
        Map<String, String> group = new HashMap<>();
        group.put("group.id", "connect");
        for (String topic : List.of("config", "offset", "status")) {
            group.put(topic + ".storage.topic", "connect-" + topic);
            group.put(topic + ".storage.replication.factor", "1");
        }
        group.put("offset.storage.partitions", "1");
        group.put("status.storage.partitions", "1");
        // A worker that was killed must not wait for its own ghost to leave the group.
        group.put("session.timeout.ms", "6000");
        group.put("heartbeat.interval.ms", "1000");
        group.put("scheduled.rebalance.max.delay.ms", "0");
        return group;
    }

    /**
     * Starts it and returns when it answers and has read its topics.
     *
     * @throws IllegalStateException with the end of its log, if it does not
     */
    public void start() {
        start(List.of());
    }

    /**
     * Starts it like {@link #start()}, with connectors to run.
     *
     * @param connectors files with their configurations, which only a standalone worker takes
     */
    public void start(List<Path> connectors) {
        Path file = folder.resolve("worker.properties");
        write(file, settings);
        List<String> arguments = Stream.concat(Stream.of(file), connectors.stream())
                .map(Path::toString)
                .toList();
        launch(mode.mainClass, arguments).awaitReady(START_TIMEOUT, rest::isHealthy);
    }

    /** Its REST interface, on the same port after every start. */
    public ConnectRest rest() {
        return rest;
    }

    public Path log() {
        return log;
    }
}
