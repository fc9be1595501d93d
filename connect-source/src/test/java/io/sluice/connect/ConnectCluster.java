package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.BufferStats;
import io.sluice.connect.config.SourceConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.connect.runtime.AbstractStatus;
import org.apache.kafka.connect.runtime.rest.entities.ConfigInfo;
import org.apache.kafka.connect.runtime.rest.entities.ConfigValueInfo;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorStateInfo;
import org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest;
import org.apache.kafka.connect.runtime.rest.errors.ConnectRestException;
import org.apache.kafka.connect.util.clusters.EmbeddedConnectCluster;
import org.apache.kafka.connect.util.clusters.WorkerHandle;
import org.awaitility.core.ConditionTimeoutException;

/** A real Kafka and a real Connect worker in this process. Nothing else here knows the classes that make them. */
final class ConnectCluster implements AutoCloseable {

    /** The worker writes records and offsets in one transaction. */
    static final Map<String, String> EXACTLY_ONCE = Map.of("exactly.once.source.support", "enabled");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONFLICT = 409;

    private final EmbeddedConnectCluster cluster;
    private final KafkaUnderTest kafka;
    private Optional<KafkaUnderTest> elsewhere = Optional.empty();
    private WorkerHandle worker;

    private ConnectCluster(EmbeddedConnectCluster cluster) {
        this.cluster = cluster;
        this.kafka = new KafkaUnderTest(cluster.kafka());
        this.worker = cluster.workers().iterator().next();
    }

    /** A worker that promises at least once. */
    static ConnectCluster start() {
        return start(Map.of());
    }

    /** A worker, whose connectors may configure their clients, and its Kafka. */
    static ConnectCluster start(Map<String, String> more) {
        EventHistory.begin();
        Map<String, String> workerProperties = new HashMap<>();
        workerProperties.put("connector.client.config.override.policy", "All");
        // Half of the time that a worker takes to start.
        workerProperties.put("plugin.discovery", "service_load");
        workerProperties.put("offset.flush.interval.ms", "500");
        workerProperties.put("scheduled.rebalance.max.delay.ms", "0");
        workerProperties.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        workerProperties.putAll(more);
        EmbeddedConnectCluster cluster = new EmbeddedConnectCluster.Builder()
                .name("sluice")
                .numWorkers(1)
                .numBrokers(1)
                .workerProps(workerProperties)
                .brokerProps(KafkaUnderTest.properties())
                .build();
        cluster.start();
        return new ConnectCluster(cluster);
    }

    /** A connector of a name, with a separate broker and folder, for the topic of that name. */
    static Map<String, String> connector(String name, Path folders) {
        return new HashMap<>(Map.of(
                "name",
                name,
                "broker.name",
                name,
                "broker.listeners",
                "tcp://127.0.0.1:0",
                "broker.linger.ms",
                "0",
                "buffer.dir",
                folders.resolve(name).toString(),
                "buffer.retention.ms",
                "3600000",
                "topic.filters",
                "sensors/#",
                "kafka.topic",
                name));
    }

    /** Creates a connector, with a topic of three partitions that has its name, and waits until it runs. */
    void create(String name, Map<String, String> properties) {
        createTopic(name);
        configure(name, properties);
        awaitRunning(name);
    }

    /** Creates a topic of three partitions. */
    void createTopic(String name) {
        kafka.createTopic(name, 3, Map.of());
    }

    /** Creates a topic with settings of its own. */
    void createTopic(String name, Map<String, String> settings) {
        kafka.createTopic(name, 1, settings);
    }

    /** The worker's Kafka. */
    KafkaUnderTest kafka() {
        return kafka;
    }

    /** A second Kafka, which starts when it is asked for. */
    synchronized KafkaUnderTest elsewhere() {
        KafkaUnderTest second = elsewhere.orElseGet(KafkaUnderTest::start);
        elsewhere = Optional.of(second);
        return second;
    }

    /** Configures a connector; throws what the worker answers if it refuses. */
    void configure(String name, Map<String, String> properties) {
        agreed(() -> cluster.configureConnector(name, complete(properties)));
    }

    /** Creates a connector that is stopped. */
    void createStopped(String name, Map<String, String> properties) {
        agreed(() -> cluster.configureConnector(
                new CreateConnectorRequest(name, complete(properties), CreateConnectorRequest.InitialState.STOPPED)));
    }

    /** Asks the worker again while it rebalances, which other tests' connectors make it do. */
    private static void agreed(Runnable request) {
        await().atMost(PATIENCE)
                .ignoreExceptionsMatching(
                        e -> e instanceof ConnectRestException refusal && refusal.statusCode() == CONFLICT)
                .untilAsserted(request::run);
    }

    private static Map<String, String> complete(Map<String, String> properties) {
        Map<String, String> complete = new HashMap<>(properties);
        complete.put("connector.class", MqttSourceConnector.class.getName());
        complete.putIfAbsent("tasks.max", "1");
        return complete;
    }

    /** What the worker says is wrong with a configuration, by key. */
    Map<String, List<String>> mistakes(Map<String, String> properties) {
        Map<String, List<String>> mistakes = new HashMap<>();
        validated(properties).forEach((key, value) -> {
            if (!value.errors().isEmpty()) {
                mistakes.put(key, value.errors());
            }
        });
        return mistakes;
    }

    /** What the worker says of a configuration, by key; of a key that it looks at several times, all mistakes. */
    Map<String, ConfigValueInfo> validated(Map<String, String> properties) {
        Map<String, String> named = complete(properties);
        named.put("name", "checked");
        Map<String, ConfigValueInfo> validated = new HashMap<>();
        for (ConfigInfo info : cluster.validateConnectorConfig(MqttSourceConnector.class.getName(), named)
                .configs()) {
            validated.merge(
                    info.configValue().name(),
                    info.configValue(),
                    (one, other) -> one.errors().isEmpty() ? other : one);
        }
        return validated;
    }

    /** The port of the first listener that a connector's broker is bound to. */
    static int port(Map<String, String> properties) {
        try (EmbeddedBroker broker =
                EmbeddedBroker.acquire(SourceConfig.of(properties).broker())) {
            return broker.listeners().get(0).port();
        }
    }

    /** How many positions the buffer of a connector's broker holds for the connector. */
    static long heldBack(Map<String, String> properties) {
        try (EmbeddedBroker broker =
                EmbeddedBroker.acquire(SourceConfig.of(properties).broker())) {
            BufferStats stats = broker.buffer().stats();
            return stats.consumers().stream()
                    .filter(consumer -> consumer.name().equals(properties.get("name")))
                    .mapToLong(consumer -> stats.end() - consumer.floor())
                    .findFirst()
                    .orElseThrow();
        }
    }

    void awaitRunning(String name) {
        awaitState(name, AbstractStatus.State.RUNNING);
    }

    private void awaitState(String name, AbstractStatus.State state) {
        // The worker answers before it knows a connector's state. Its test utilities make a new parser for each answer.
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .untilAsserted(() -> {
                    ConnectorStateInfo status = cluster.connectorStatus(name);
                    assertThat(status.tasks()).isNotEmpty();
                    assertThat(status.tasks())
                            .allSatisfy(task ->
                                    assertThat(task.state()).as(task.trace()).isEqualTo(state.name()));
                });
    }

    /** Waits until a connector's task has failed. */
    String awaitFailure(String name) {
        awaitState(name, AbstractStatus.State.FAILED);
        return cluster.connectorStatus(name).tasks().get(0).trace();
    }

    /** Waits until a connector's task has failed, or something else is so; returns whether it has failed. */
    boolean awaitFailedOr(String name, BooleanSupplier otherwise) {
        AtomicBoolean failed = new AtomicBoolean();
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> {
                    // The worker shows for a moment what became of the task before it was restarted.
                    failed.set(!lastChange(name).contains("task.started")
                            && cluster.connectorStatus(name).tasks().stream()
                                    .anyMatch(task -> task.state().equals(AbstractStatus.State.FAILED.name())));
                    return failed.get() || otherwise.getAsBoolean();
                });
        return failed.get();
    }

    void pause(String name) {
        agreed(() -> cluster.pauseConnector(name));
        awaitState(name, AbstractStatus.State.PAUSED);
    }

    void resume(String name) {
        agreed(() -> cluster.resumeConnector(name));
        awaitRunning(name);
    }

    void stop(String name) throws InterruptedException {
        agreed(() -> cluster.stopConnector(name));
        cluster.assertions().assertConnectorIsStopped(name, "the connector did not stop");
    }

    /** Asks a connector to stop, and waits until it does, not until its task has. */
    void beginToStop(String name) {
        agreed(() -> cluster.stopConnector(name));
        await().atMost(PATIENCE)
                .until(() -> cluster.connectorStatus(name).connector().state().equals("STOPPED"));
    }

    void restartConnectorAndTask(String name) {
        restart(name);
        awaitRunning(name);
    }

    /** Restarts a connector and its task, which may fail again at once; returns when it has started. */
    void restart(String name) {
        String before = lastChange(name);
        await().atMost(PATIENCE).until(() -> {
            agreed(() -> cluster.restartConnectorAndTasks(name, false, true, false));
            return hasStarted(name, before);
        });
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> cluster.connectorStatus(name).tasks().stream()
                        .noneMatch(task -> task.state().equals(AbstractStatus.State.RESTARTING.name())));
    }

    /** Whether a task starts within ten seconds: a worker that rebalances may forget that it was asked. */
    private static boolean hasStarted(String name, String before) {
        try {
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                String now = lastChange(name);
                return !now.equals(before) && (now.contains("task.started") || before.contains("task.stopped"));
            });
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    /** The latest of the events that say that a connector's task has started or stopped. */
    private static String lastChange(String name) {
        return EventHistory.lines(name).stream()
                .filter(line -> line.contains("\"task.started\"") || line.contains("\"task.stopped\""))
                .reduce("", (before, line) -> line);
    }

    void restartTask(String name) {
        agreed(() -> cluster.restartTask(name, 0));
        awaitRunning(name);
    }

    void delete(String name) throws InterruptedException {
        agreed(() -> cluster.deleteConnector(name));
        cluster.assertions().assertConnectorDoesNotExist(name, "the connector was not deleted");
    }

    /** Stops the worker and starts another one. */
    void replaceWorker() throws InterruptedException {
        cluster.removeWorker(worker);
        worker = cluster.addWorker();
        cluster.assertions().assertExactlyNumWorkersAreUp(1, "the worker did not start");
    }

    /** Source offsets by source partition, as {@code GET /connectors/name/offsets} shows them. */
    Map<Map<String, ?>, Map<String, ?>> offsets(String name) {
        Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
        for (ConnectorOffset offset : cluster.connectorOffsets(name).offsets()) {
            offsets.put(offset.partition(), offset.offset());
        }
        return offsets;
    }

    void alterOffset(String name, Map<String, ?> partition, Map<String, ?> offset) {
        agreed(() -> cluster.alterSourceConnectorOffset(name, partition, offset));
    }

    void resetOffsets(String name) {
        agreed(() -> cluster.resetConnectorOffsets(name));
    }

    /** Waits until a topic has so many records, and for a moment more to see that it has no others. */
    List<ConsumerRecord<byte[], byte[]>> awaitExactly(int count, String topic) {
        return kafka.awaitExactly(count, topic);
    }

    /** All committed records of a topic, by partition and offset. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return kafka.records(topic);
    }

    static List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        return headers;
    }

    /** What a {@link Device} has published, as {@link #values} shows it. */
    static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    @Override
    public void close() {
        kafka.close();
        cluster.stop();
        elsewhere.ifPresent(KafkaUnderTest::stop);
    }
}
