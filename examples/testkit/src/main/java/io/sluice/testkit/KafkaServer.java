package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka of one node, broker and controller in one (KRaft), in a separate process.
 *
 * <p>Not thread-safe.
 */
public final class KafkaServer extends KafkaProgram {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    private final int port = FreePort.next();
    private final Path properties;
    private final Map<String, String> besides = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();

    /**
     * A Kafka that is not running yet.
     *
     * @param libraries folder with Kafka's jars
     * @param folder for its configuration, data and log; created if missing
     */
    public KafkaServer(Path libraries, Path folder) {
        this(libraries, folder, Jvm.smallAndQuick());
    }

    /** The same in another Java virtual machine. */
    public KafkaServer(Path libraries, Path folder, Jvm jvm) {
        super("Kafka", libraries, folder, "kafka.log", jvm);
        this.properties = folder.resolve("server.properties");
    }

    /**
     * Lets it listen on one more port. To be called before it is started for the first time.
     *
     * @param name of the listener, in capitals
     * @param protocol of Kafka's security protocols
     * @param settings of the listener, without its name
     */
    public void listenBesides(String name, String protocol, int listenerPort, Map<String, String> settings) {
        besides.merge("listeners", "," + name + "://127.0.0.1:" + listenerPort, String::concat);
        besides.merge("listener.security.protocol.map", "," + name + ":" + protocol, String::concat);
        settings.forEach(
                (key, value) -> besides.put("listener.name." + name.toLowerCase(Locale.ROOT) + "." + key, value));
    }

    /** Changes a setting of the Kafka broker. To be called before it is started for the first time. */
    public void set(String setting, String value) {
        settings.put(setting, value);
    }

    /**
     * Starts it, with its storage formatted the first time, and returns when it answers.
     *
     * @throws IllegalStateException with the end of its log, if it does not
     */
    public void start() {
        if (!Files.exists(properties)) {
            Path unformatted = folder.resolve("unformatted.properties");
            write(unformatted, properties());
            format(unformatted);
            move(unformatted, properties);
        }
        JvmProcess started = launch("kafka.Kafka", List.of(properties.toString()));
        try (Admin admin = admin()) {
            started.awaitReady(
                    START_TIMEOUT,
                    () -> !admin.describeCluster()
                            .nodes()
                            .get(1, TimeUnit.SECONDS)
                            .isEmpty());
        }
    }

    /** Host and port for clients; the same after every start. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** A new client for its administration; the caller closes it. */
    public Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
    }

    /**
     * Creates a topic.
     *
     * @throws IllegalStateException if Kafka refuses
     */
    public void createTopic(String name, int partitions) {
        createTopic(name, partitions, Map.of());
    }

    /** The same with settings. */
    public void createTopic(String name, int partitions, Map<String, String> settings) {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(settings)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while creating the topic " + name, e);
        } catch (Exception e) {
            throw new IllegalStateException("Cannot create the topic " + name, e);
        }
    }

    private void format(Path unformatted) {
        List<String> arguments = List.of(
                "format",
                "--standalone",
                "--cluster-id",
                Uuid.randomUuid().toString(),
                "--config",
                unformatted.toString());
        try (JvmProcess format =
                JvmProcess.start(program("Kafka's storage tool", "kafka.tools.StorageTool", arguments))) {
            format.awaitSuccess(START_TIMEOUT);
        }
    }

    private Map<String, String> properties() {
        int controllerPort = FreePort.next();
        Map<String, String> all = new HashMap<>(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.bootstrap.servers", "127.0.0.1:" + controllerPort,
                "controller.listener.names", "CONTROLLER",
                "listeners", "PLAINTEXT://" + bootstrapServers() + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "log.dirs", folder.resolve("data").toString(),
                "group.initial.rebalance.delay.ms", "0"));
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        besides.forEach((key, value) -> all.merge(key, value, String::concat));
        // Internal topics, which by default ask for three brokers and many partitions.
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            all.put(topic + ".replication.factor", "1");
            all.put(topic + ".num.partitions", "2");
        }
        // One that was killed is not let in again before its former self has expired.
        all.put("broker.session.timeout.ms", "3000");
        all.put("broker.heartbeat.interval.ms", "500");
        all.put("group.min.session.timeout.ms", "3000");
        all.put("transaction.state.log.min.isr", "1");
        all.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
        all.put("share.coordinator.state.topic.min.isr", "1");
        all.putAll(settings);
        return all;
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + to, e);
        }
    }
}
