package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.BufferStats;
import io.sluice.connect.config.SourceConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.runtime.AbstractStatus;
import org.apache.kafka.connect.runtime.rest.entities.ConfigInfo;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorStateInfo;
import org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest;
import org.apache.kafka.connect.runtime.rest.errors.ConnectRestException;
import org.apache.kafka.connect.util.clusters.EmbeddedConnectCluster;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;
import org.apache.kafka.connect.util.clusters.WorkerHandle;

/** A real Kafka and a real Connect worker in this process. Nothing else here knows the classes that make them. */
final class ConnectCluster implements AutoCloseable {

    /** The worker writes records and offsets in one transaction. */
    static final Map<String, String> EXACTLY_ONCE = Map.of("exactly.once.source.support", "enabled");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedConnectCluster cluster;
    private final Map<String, Reader> readers = new HashMap<>();
    private final Map<String, Reader> readersElsewhere = new HashMap<>();
    private final Optional<EmbeddedKafkaCluster> elsewhere;
    private WorkerHandle worker;

    private ConnectCluster(EmbeddedConnectCluster cluster, Optional<EmbeddedKafkaCluster> elsewhere) {
        this.cluster = cluster;
        this.elsewhere = elsewhere;
        this.worker = cluster.workers().iterator().next();
    }

    /** A worker that promises at least once. */
    static ConnectCluster atLeastOnce() {
        return start(Map.of(), Optional.empty());
    }

    /** A worker whose connectors may configure their clients, and a second Kafka beside the worker's. */
    static ConnectCluster withAnotherKafka(Map<String, String> workerProperties) {
        EmbeddedKafkaCluster elsewhere = new EmbeddedKafkaCluster(1, brokerProperties());
        elsewhere.start();
        Map<String, String> complete = new HashMap<>(workerProperties);
        complete.put("connector.client.config.override.policy", "All");
        return start(complete, Optional.of(elsewhere));
    }

    private static Properties brokerProperties() {
        Properties brokerProperties = new Properties();
        brokerProperties.put("transaction.state.log.replication.factor", "1");
        brokerProperties.put("transaction.state.log.min.isr", "1");
        return brokerProperties;
    }

    private static ConnectCluster start(Map<String, String> more, Optional<EmbeddedKafkaCluster> elsewhere) {
        Map<String, String> workerProperties = new HashMap<>(more);
        workerProperties.put("offset.flush.interval.ms", "500");
        workerProperties.put("scheduled.rebalance.max.delay.ms", "0");
        workerProperties.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        EmbeddedConnectCluster cluster = new EmbeddedConnectCluster.Builder()
                .name("sluice")
                .numWorkers(1)
                .numBrokers(1)
                .workerProps(workerProperties)
                .brokerProps(brokerProperties())
                .build();
        cluster.start();
        return new ConnectCluster(cluster, elsewhere);
    }

    /** Creates a connector, with a topic of three partitions that has its name, and waits until it runs. */
    void create(String name, Map<String, String> properties) {
        createTopic(name);
        configure(name, properties);
        awaitRunning(name);
    }

    /** Creates a topic of three partitions. */
    void createTopic(String name) {
        cluster.kafka().createTopic(name, 3);
    }

    /** Creates a topic with settings of its own. */
    void createTopic(String name, Map<String, String> settings) {
        cluster.kafka().createTopic(name, 1, 1, settings);
    }

    /** Where the second Kafka is. */
    String bootstrapServersElsewhere() {
        return elsewhere.orElseThrow().bootstrapServers();
    }

    /** Whether the worker's Kafka has a topic. */
    boolean hasTopic(String name) {
        return cluster.kafka().describeTopics(name).get(name).isPresent();
    }

    /** Configures a connector; throws what the worker answers if it refuses. */
    void configure(String name, Map<String, String> properties) {
        cluster.configureConnector(name, complete(properties));
    }

    /** Creates a connector that is stopped. */
    void createStopped(String name, Map<String, String> properties) {
        cluster.configureConnector(
                new CreateConnectorRequest(name, complete(properties), CreateConnectorRequest.InitialState.STOPPED));
    }

    private static Map<String, String> complete(Map<String, String> properties) {
        Map<String, String> complete = new HashMap<>(properties);
        complete.put("connector.class", MqttSourceConnector.class.getName());
        complete.putIfAbsent("tasks.max", "1");
        return complete;
    }

    /** What the worker says is wrong with a configuration, by key. */
    Map<String, List<String>> mistakes(Map<String, String> properties) {
        Map<String, String> named = complete(properties);
        named.put("name", "checked");
        Map<String, List<String>> mistakes = new HashMap<>();
        for (ConfigInfo info : cluster.validateConnectorConfig(MqttSourceConnector.class.getName(), named)
                .configs()) {
            if (!info.configValue().errors().isEmpty()) {
                mistakes.put(info.configValue().name(), info.configValue().errors());
            }
        }
        return mistakes;
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
        // The worker answers before it knows a connector's state.
        await().atMost(PATIENCE)
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

    void pause(String name) {
        cluster.pauseConnector(name);
        awaitState(name, AbstractStatus.State.PAUSED);
    }

    void resume(String name) {
        cluster.resumeConnector(name);
        awaitRunning(name);
    }

    void stop(String name) throws InterruptedException {
        cluster.stopConnector(name);
        cluster.assertions().assertConnectorIsStopped(name, "the connector did not stop");
    }

    void restartConnectorAndTask(String name) {
        cluster.restartConnectorAndTasks(name, false, true, false);
        awaitRunning(name);
    }

    void restartTask(String name) {
        cluster.restartTask(name, 0);
        awaitRunning(name);
    }

    void delete(String name) throws InterruptedException {
        cluster.deleteConnector(name);
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
        cluster.alterSourceConnectorOffset(name, partition, offset);
    }

    void resetOffsets(String name) {
        cluster.resetConnectorOffsets(name);
    }

    /** Waits until a topic has so many records, and for a moment more to see that it has no others. */
    List<ConsumerRecord<byte[], byte[]>> awaitExactly(int count, String topic) {
        return awaitExactly(count, () -> records(topic));
    }

    /** Waits until a topic of the second Kafka, which need not exist yet, has so many records. */
    List<ConsumerRecord<byte[], byte[]>> awaitExactlyElsewhere(int count, String topic) {
        EmbeddedKafkaCluster kafka = elsewhere.orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> kafka.describeTopics(topic).get(topic).isPresent());
        return awaitExactly(
                count,
                () -> readersElsewhere
                        .computeIfAbsent(topic, name -> new Reader(kafka, name))
                        .records());
    }

    private static List<ConsumerRecord<byte[], byte[]>> awaitExactly(
            int count, Supplier<List<ConsumerRecord<byte[], byte[]>>> records) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(records.get()).hasSizeGreaterThanOrEqualTo(count));
        await().during(Duration.ofMillis(700))
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(records.get()).hasSize(count));
        return records.get();
    }

    /** All committed records of a topic, by partition and offset. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return readers.computeIfAbsent(topic, name -> new Reader(cluster.kafka(), name))
                .records();
    }

    /** Reads a topic from its beginning and goes on where it was. */
    private static final class Reader implements AutoCloseable {

        private final KafkaConsumer<byte[], byte[]> consumer;
        private final List<TopicPartition> partitions;
        private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

        Reader(EmbeddedKafkaCluster kafka, String topic) {
            consumer = kafka.createConsumer(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"));
            partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        List<ConsumerRecord<byte[], byte[]>> records() {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            records.sort(Comparator.comparingInt((ConsumerRecord<byte[], byte[]> record) -> record.partition())
                    .thenComparingLong(ConsumerRecord::offset));
            return List.copyOf(records);
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    static List<String> values(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void close() {
        readers.values().forEach(Reader::close);
        readersElsewhere.values().forEach(Reader::close);
        cluster.stop();
        elsewhere.ifPresent(EmbeddedKafkaCluster::stop);
    }
}
