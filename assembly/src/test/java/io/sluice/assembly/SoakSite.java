package io.sluice.assembly;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import io.sluice.testkit.Jvm;
import io.sluice.testkit.JvmSizes;
import io.sluice.testkit.KafkaServer;
import io.sluice.testkit.PluginArchive;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/**
 * A Kafka; a standalone broker, drained by a group of two workers with exactly-once source support; and a worker without it
 * that has its broker inside, over TLS, with its buffer on a small disk where one can be mounted.
 */
final class SoakSite implements AutoCloseable {

    /** The standalone broker and what is drained from it. */
    static final String REMOTE = "standalone broker";

    /** The worker with its broker inside. */
    static final String EMBEDDED = "embedded broker";

    static final String FIRST_WORKER = "worker 1";
    static final String SECOND_WORKER = "worker 2";

    static final String TOPICS = "soak.";
    static final String RAW = TOPICS + "raw";
    static final String SIZED = TOPICS + "sized";
    static final String DELETED = TOPICS + "gone";
    static final String DEAD_LETTERS = TOPICS + "dead";

    /** Its records have no id of {@link SoakContent}. */
    static final String SPARKPLUG = "sparkplug";

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Path LIBRARIES = Path.of(System.getProperty("kafka.libraries"));
    private static final String ACL = "topic readwrite #\ntopic deny closed/#\n";
    private static final int DISK_MIB = 96;
    private static final String PARTITIONS = "3";

    private final TemporaryFolder folder = TemporaryFolder.create("sluice-soak-");
    private final Map<String, Integer> statusPorts = new LinkedHashMap<>();
    private final Map<String, ConnectWorker> connectors = new LinkedHashMap<>();
    private final int embeddedPort = FreePort.next();
    private final KafkaServer kafka;
    private final RemoteBroker broker;
    private final Optional<SmallDisk> disk;
    private final RenewedCertificate certificate;
    private final ConnectWorker first;
    private final ConnectWorker second;
    private final ConnectWorker embedded;

    SoakSite() throws Exception {
        for (String process : List.of(REMOTE, FIRST_WORKER, SECOND_WORKER, EMBEDDED)) {
            statusPorts.put(process, FreePort.next());
        }
        PluginArchive.unpack(Archives.ZIP, folder.path().resolve("plugins"));
        Path acl = Files.writeString(folder.path().resolve("acl"), ACL);
        certificate = new RenewedCertificate(folder.path().resolve("keys"));
        disk = SmallDisk.mount(DISK_MIB);
        kafka = new KafkaServer(LIBRARIES, folder.path().resolve("kafka"), jvm());
        // Kafka creates a deleted topic again by itself. With fewer partitions it would hold up what was on the way to
        // the others.
        kafka.set("num.partitions", PARTITIONS);
        kafka.start();
        broker = new RemoteBroker(
                JvmSizes.JVM_OPTION,
                List.of("acl_file " + acl, "sluice.status.listener http://127.0.0.1:" + statusPorts.get(REMOTE)));
        first = worker(FIRST_WORKER, "remote", Map.of("exactly.once.source.support", "enabled"));
        second = worker(SECOND_WORKER, "remote", Map.of("exactly.once.source.support", "enabled"));
        embedded = worker(EMBEDDED, "embedded", Map.of());
        List.of(first, second, embedded).forEach(ConnectWorker::start);
        createConnectors(acl);
    }

    private static Jvm jvm() {
        return Jvm.smallAndQuick().with(List.of(JvmSizes.JVM_OPTION));
    }

    private ConnectWorker worker(String name, String group, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "group.id", "connect-" + group,
                "config.storage.topic", group + "-config",
                "offset.storage.topic", group + "-offset",
                "status.storage.topic", group + "-status",
                "config.providers", "env",
                "config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider"));
        settings.putAll(more);
        return new ConnectWorker(
                ConnectWorker.Mode.DISTRIBUTED,
                LIBRARIES,
                folder.path().resolve("plugins"),
                kafka.bootstrapServers(),
                folder.path().resolve(name),
                settings,
                jvm().withEnvironment(
                                Map.of("STATUS_PORT", statusPorts.get(name).toString())));
    }

    private void createConnectors(Path acl) throws Exception {
        Map<String, String> routes = common("remote.json");
        routes.keySet().removeIf(key -> key.startsWith("buffer.ssl."));
        routes.put("buffer.endpoints", broker.network().endpoint());
        routes.put("buffer.auth.token", RemoteBroker.TOKEN);
        // A worker that takes a task over waits for the transaction of a killed one to end.
        routes.put("producer.override.transaction.timeout.ms", "20000");

        Map<String, String> json = new HashMap<>(routes);
        json.put("topic.filters", "json/#");
        json.put("kafka.topic", TOPICS + "json");
        json.put("value.format", "json");
        json.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        json.put("value.converter.schemas.enable", "false");
        create("soak-json", json, first);

        Map<String, String> sparkplug = new HashMap<>(routes);
        sparkplug.put("topic.filters", "spBv1.0/#");
        sparkplug.put("kafka.topic", SPARKPLUG);
        sparkplug.put("value.format", "sparkplug");
        sparkplug.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        sparkplug.put("value.converter.schemas.enable", "false");
        create("soak-sparkplug", sparkplug, first);

        routes.put("routes", "raw,named,rule,sized");
        routes.put("route.raw.topic.filters", "raw/#");
        routes.put("route.raw.kafka.topic", RAW);
        routes.put("route.named.topic.filters", "named/#");
        routes.put("route.named.kafka.topic", TOPICS + "named.{topic[1]}");
        routes.put("route.named.kafka.topic.allow", "soak\\.named\\.[a-z]+");
        routes.put("route.rule.topic.filters", "rule/#");
        routes.put("route.rule.kafka.topic", TOPICS + "rule");
        routes.put("route.rule.filter", "properties['keep'] == 'yes'");
        routes.put("route.sized.topic.filters", "sized/#");
        routes.put("route.sized.kafka.topic", SIZED);
        routes.remove("topic.filters");
        routes.remove("kafka.topic");
        create("soak-routes", routes, first);
        broker.awaitKnown("soak-json");
        broker.awaitKnown("soak-sparkplug");
        broker.awaitKnown("soak-routes");

        Map<String, String> inside = common("first.json");
        inside.put("broker.listeners", "ssl://127.0.0.1:" + embeddedPort);
        inside.put("broker.ssl.keystore.location", certificate.file().toString());
        inside.put("broker.ssl.keystore.type", "pem");
        inside.put("broker.acl.file", acl.toString());
        inside.put(
                "buffer.dir",
                disk.map(SmallDisk::path)
                        .orElse(folder.path())
                        .resolve("buffer")
                        .toString());
        inside.put("buffer.max.bytes", "67108864");
        inside.put("buffer.segment.bytes", "4194304");
        inside.put("routes", "raw,gone");
        inside.put("route.raw.topic.filters", "raw/#");
        inside.put("route.raw.kafka.topic", TOPICS + "embedded");
        inside.put("route.gone.topic.filters", "gone/#");
        inside.put("route.gone.kafka.topic", DELETED);
        inside.remove("topic.filters");
        inside.remove("kafka.topic");
        create("soak-embedded", inside, embedded);
    }

    private static Map<String, String> common(String sample) throws IOException {
        Map<String, String> config = Installed.sampleConfiguration(sample);
        config.put("dead.letter.topic", DEAD_LETTERS);
        config.put("record.max.bytes", "20000");
        config.put("status.listener", "http://127.0.0.1:${env:STATUS_PORT}");
        config.put("topic.creation.default.partitions", PARTITIONS);
        return config;
    }

    private void create(String name, Map<String, String> config, ConnectWorker worker) {
        worker.rest().create(name, config);
        worker.rest().awaitRunning(name, TIMEOUT);
        connectors.put(name, worker);
    }

    KafkaServer kafka() {
        return kafka;
    }

    RemoteBroker broker() {
        return broker;
    }

    RenewedCertificate certificate() {
        return certificate;
    }

    /** Where the embedded broker listens. */
    int embeddedPort() {
        return embeddedPort;
    }

    /** The disk of the embedded broker, if one could be mounted. */
    Optional<SmallDisk> disk() {
        return disk;
    }

    ConnectWorker first() {
        return first;
    }

    ConnectWorker second() {
        return second;
    }

    ConnectWorker embedded() {
        return embedded;
    }

    /** Where processes serve their status. */
    Map<String, Integer> statusPorts() {
        return statusPorts;
    }

    /** All processes, Kafka besides. */
    Map<String, LongSupplier> pids() {
        Map<String, LongSupplier> pids = new LinkedHashMap<>();
        pids.put(REMOTE, broker::pid);
        pids.put(FIRST_WORKER, () -> first.process().pid());
        pids.put(SECOND_WORKER, () -> second.process().pid());
        pids.put(EMBEDDED, () -> embedded.process().pid());
        pids.put("Kafka", () -> kafka.process().pid());
        return pids;
    }

    /** What an operator does: starts tasks again that have failed. Says of each why. */
    List<String> restartFailed() {
        return connectors.entrySet().stream()
                .flatMap(connector -> restartFailed(connector.getKey(), connector.getValue()).stream())
                .toList();
    }

    private Optional<String> restartFailed(String connector, ConnectWorker worker) {
        for (ConnectRest rest : worker == first ? List.of(first.rest(), second.rest()) : List.of(worker.rest())) {
            try {
                for (JsonNode task : rest.status(connector).path("tasks")) {
                    if (task.path("state").asText().equals("FAILED")) {
                        rest.restartFailed(connector);
                        return Optional.of(
                                connector + ": " + reason(task.path("trace").asText()));
                    }
                }
                return Optional.empty();
            } catch (ConnectRestException | UncheckedIOException away) {
                // the other one, or later
            }
        }
        return Optional.empty();
    }

    /** The last cause of a trace. */
    private static String reason(String trace) {
        return trace.lines()
                .filter(line -> line.startsWith("Caused by: "))
                .reduce((one, next) -> next)
                .map(line -> line.substring("Caused by: ".length()))
                .orElseGet(() -> trace.lines().findFirst().orElse("no trace"));
    }

    /** Waits until a condition holds that something of this site has to bring about. */
    static void awaitThat(Duration patience, Callable<Boolean> condition) {
        await().atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(condition);
    }

    @Override
    public void close() throws IOException {
        List.of(first, second, embedded).forEach(ConnectWorker::close);
        broker.close();
        kafka.close();
        if (disk.isPresent()) {
            disk.get().close();
        }
        folder.close();
    }
}
