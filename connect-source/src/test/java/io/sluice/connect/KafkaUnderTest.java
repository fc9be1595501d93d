package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.connect.util.clusters.EmbeddedKafkaCluster;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/**
 * A real Kafka in this process: a broker that creates no topics by itself, lets everybody do what nothing forbids, and
 * listens a second time for those who log in.
 */
final class KafkaUnderTest implements AutoCloseable {

    /** No topic may be created whose name ends so. */
    static final String FORBIDDEN_SUFFIX = "-unwanted";

    /** Whom the second listener lets in. */
    static final String USER = "sluice";

    static final String PASSWORD = "kafka-password-of-tests";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SASL = "SASL";

    private final EmbeddedKafkaCluster cluster;
    private final Map<String, Reader> readers = new ConcurrentHashMap<>();

    /** One that somebody starts. */
    KafkaUnderTest(EmbeddedKafkaCluster cluster) {
        this.cluster = cluster;
    }

    /** Starts one. */
    static KafkaUnderTest start() {
        return start(new EmbeddedKafkaCluster(1, properties()));
    }

    /** Starts one of two brokers that have no settings of their own. */
    static KafkaUnderTest startTwoBrokers() {
        return start(new EmbeddedKafkaCluster(2, new Properties()));
    }

    private static KafkaUnderTest start(EmbeddedKafkaCluster cluster) {
        cluster.start();
        return new KafkaUnderTest(cluster);
    }

    /** What makes a broker so. */
    static Properties properties() {
        Properties properties = new Properties();
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        properties.put("allow.everyone.if.no.acl.found", "true");
        properties.put("create.topic.policy.class.name", NoForbiddenSuffix.class.getName());
        properties.put("listeners", "EXTERNAL://localhost:0,CONTROLLER://localhost:0," + SASL + "://localhost:0");
        properties.put(
                "listener.security.protocol.map",
                "EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT," + SASL + ":SASL_PLAINTEXT");
        properties.put("listener.name.sasl.sasl.enabled.mechanisms", "PLAIN");
        properties.put(
                "listener.name.sasl.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_" + USER + "=\"" + PASSWORD
                        + "\";");
        return properties;
    }

    String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /** Where to log in. */
    String saslServers() {
        int port = cluster.runningBrokers().iterator().next().boundPort(ListenerName.normalised(SASL));
        return "localhost:" + port;
    }

    void createTopic(String name, int partitions, Map<String, String> settings) {
        cluster.createTopic(name, partitions, 1, settings);
    }

    /** Creates a topic that has a replica on every broker. */
    void createReplicatedTopic(String name, Map<String, String> settings) {
        cluster.createTopic(name, 1, cluster.runningBrokers().size(), settings);
    }

    /** Shuts a broker for good, other than the one that is the controller too. */
    void shutOneBroker() {
        cluster.runningBrokers().stream()
                .max(Comparator.comparingInt(broker -> broker.config().brokerId()))
                .orElseThrow()
                .shutdown();
    }

    /** Changes settings of a topic. */
    void configure(String topic, Map<String, String> settings) throws Exception {
        List<AlterConfigOp> changes = settings.entrySet().stream()
                .map(setting -> new AlterConfigOp(
                        new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        try (Admin admin = cluster.createAdminClient()) {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes))
                    .all()
                    .get();
        }
    }

    boolean hasTopic(String name) {
        return cluster.describeTopics(name).get(name).isPresent();
    }

    /** Forbids everybody something in a topic, or lets them do it again. */
    void forbid(String topic, AclOperation operation, boolean forbidden) throws Exception {
        AclBinding acl = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:*", "*", operation, AclPermissionType.DENY));
        // With one rule a topic is closed to whoever no rule lets in.
        AclBinding rest = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                new AccessControlEntry("User:*", "*", AclOperation.ALL, AclPermissionType.ALLOW));
        try (Admin admin = cluster.createAdminClient()) {
            if (forbidden) {
                admin.createAcls(List.of(rest, acl)).all().get();
            } else {
                Collection<AclBinding> removed =
                        admin.deleteAcls(List.of(acl.toFilter())).all().get();
                assertThat(removed).hasSize(1);
            }
            // The broker learns of it a moment after the controller has answered.
            DescribeTopicsOptions withRights = new DescribeTopicsOptions().includeAuthorizedOperations(true);
            await().atMost(PATIENCE)
                    .until(() -> admin.describeTopics(List.of(topic), withRights)
                                    .allTopicNames()
                                    .get()
                                    .get(topic)
                                    .authorizedOperations()
                                    .contains(operation)
                            != forbidden);
        }
    }

    /** Takes no more bytes a second of a client than that; of all that it wants if there is no limit. */
    void limit(String clientId, OptionalDouble bytesPerSecond) throws Exception {
        Double limit = bytesPerSecond.isPresent() ? bytesPerSecond.getAsDouble() : null;
        try (Admin admin = cluster.createAdminClient()) {
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, clientId)),
                            List.of(new ClientQuotaAlteration.Op("producer_byte_rate", limit)))))
                    .all()
                    .get();
        }
    }

    /** Waits until a topic, which need not exist yet, has so many records, and for a moment more to see no others. */
    List<ConsumerRecord<byte[], byte[]>> awaitExactly(int count, String topic) {
        await().atMost(PATIENCE).until(() -> hasTopic(topic));
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(records(topic)).hasSizeGreaterThanOrEqualTo(count));
        await().during(Duration.ofMillis(700))
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(records(topic)).hasSize(count));
        return records(topic);
    }

    /** All committed records of a topic, by partition and offset. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return readers.computeIfAbsent(topic, name -> new Reader(cluster, name)).records();
    }

    @Override
    public void close() {
        readers.values().forEach(Reader::close);
        readers.clear();
    }

    /** Stops one that was started here. */
    void stop() {
        close();
        cluster.stop();
    }

    /** A rule of whoever runs the Kafka. */
    public static final class NoForbiddenSuffix implements CreateTopicPolicy {

        @Override
        public void configure(Map<String, ?> configs) {}

        @Override
        public void validate(RequestMetadata topic) {
            if (topic.topic().endsWith(FORBIDDEN_SUFFIX)) {
                throw new PolicyViolationException("topics of that name are not wanted here");
            }
        }

        @Override
        public void close() {}
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

        synchronized List<ConsumerRecord<byte[], byte[]>> records() {
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
}
