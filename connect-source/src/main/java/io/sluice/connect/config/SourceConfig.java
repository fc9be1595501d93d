package io.sluice.connect.config;

import io.sluice.broker.BrokerConfig;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.delivery.BatchLimits;
import io.sluice.connect.delivery.ErrorLog;
import io.sluice.connect.delivery.Tolerance;
import io.sluice.connect.kafka.AskedPartitions;
import io.sluice.connect.kafka.TopicCreation;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.KafkaNames;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.Routes;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.status.StatusConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/** The connector's configuration: valid if it exists. Immutable and thread-safe. */
public final class SourceConfig extends AbstractConfig {

    /** Kafka Connect's own key (KIP-618), which its API does not name. */
    private static final String EXACTLY_ONCE_SUPPORT = "exactly.once.support";

    private static final String TOPIC_CREATION = "topic.creation.";

    /** The producer's, of 16 KiB by default. */
    private static final String BATCH_SIZE = "producer.override.batch.size";

    /** What the connector tells a task; a user's value is overwritten. */
    private static final String TASK_SHARES = "sluice.task.shares";

    private static final String TASK_NUMBER = "sluice.task.number";

    /** Keys of the broker that mean something wherever it runs. */
    private static final Set<String> OF_ANY_BROKER = Set.of(BrokerGroup.MODE, BrokerGroup.BROKER_NAME);

    /** As the user wrote them: routes do not name what they inherit. */
    private final Map<String, String> written;

    private SourceConfig(Map<String, String> properties) {
        super(definition(properties), RouteGroup.inherited(properties));
        this.written = Map.copyOf(given(properties));
    }

    /**
     * The configuration that properties stand for.
     *
     * @throws ConfigException with a sentence for each mistake
     */
    public static SourceConfig of(Map<String, String> properties) {
        String mistakes = check(properties).stream()
                .flatMap(value -> value.errorMessages().stream())
                .collect(Collectors.joining(" "));
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return new SourceConfig(properties);
    }

    /** The keys that every configuration may have. */
    public static ConfigDef definition() {
        return definition(Map.of());
    }

    /** The keys of a configuration: its user may name routes, headers and metadata. */
    static ConfigDef definition(Map<String, String> properties) {
        ConfigDef definition = new ConfigDef();
        BrokerGroup.update(definition);
        RemoteGroup.update(definition);
        DeliveryGroup.update(definition);
        CaptureGroup.update(definition);
        RouteGroup.update(definition, RouteGroup.inherited(properties));
        ErrorsGroup.update(definition);
        StatusGroup.update(definition);
        return definition;
    }

    /** The values of properties, each with a sentence for every mistake, be it in the key alone or across keys. */
    public static List<ConfigValue> check(Map<String, String> properties) {
        return List.copyOf(checkGiven(given(properties)).byKey().values());
    }

    private static CheckedValues checkGiven(Map<String, String> given) {
        ConfigDef definition = definition(given);
        CheckedValues values =
                new CheckedValues(RouteGroup.stated(given), definition.validateAll(RouteGroup.inherited(given)), "");
        boolean remote = BrokerGroup.isRemote(values.properties());
        if (remote) {
            RemoteGroup.validate(values);
        } else {
            BrokerGroup.validate(values);
        }
        definition.configKeys().values().stream()
                .filter(key -> values.isWritten(key.name) && values.differs(key))
                .filter(key -> remote ? isOfEmbedded(key) : key.group.equals(RemoteGroup.NAME))
                .forEach(key -> values.refuse(key.name, misplaced(remote)));
        DeliveryGroup.validate(values);
        CaptureGroup.validate(values);
        RouteGroup.validate(values);
        UnknownKeys.refuse(values, definition.configKeys().keySet());
        ErrorsGroup.validate(values);
        StatusGroup.validate(values);
        return values;
    }

    private static boolean isOfEmbedded(ConfigDef.ConfigKey key) {
        return BrokerGroup.NAMES.contains(key.group) && !OF_ANY_BROKER.contains(key.name);
    }

    private static String misplaced(boolean remote) {
        return " has no effect with " + BrokerGroup.MODE
                + (remote
                        ? "=remote: the brokers are configured where they run; leave it out."
                        : "=embedded: set " + BrokerGroup.MODE
                                + "=remote to drain standalone brokers, or leave it out.");
    }

    /**
     * Whether properties, be they valid or not, ask for a buffer that survives a crash. Standalone brokers decide
     * that themselves; by default their buffers are on disk.
     */
    public static boolean isOnDisk(Map<String, String> properties) {
        Map<String, String> given = given(properties);
        return BrokerGroup.isRemote(given) || BrokerGroup.isOnDisk(given);
    }

    /** The properties that have a value: Kafka Connect refuses null itself, but asks us first. */
    private static Map<String, String> given(Map<String, String> properties) {
        Map<String, String> given = new HashMap<>(properties);
        given.values().removeIf(Objects::isNull);
        return given;
    }

    /**
     * Asks the Kafka that the configuration names, instead of the worker's, whether it is there and has the topics. Returns
     * at once.
     *
     * @param warnings takes a sentence for each thing that is wrong, on another thread
     */
    public void checkKafka(Consumer<String> warnings) {
        KafkaCheck.begin(checkGiven(written), warnings);
    }

    public boolean hasSmallBatches() {
        return !written.containsKey(BATCH_SIZE);
    }

    /** The Kafka topic of dead letters, if there are any and the configuration does not let Kafka Connect create it. */
    public Optional<String> uncreatedDeadLetterTopic() {
        return written.keySet().stream().anyMatch(key -> key.startsWith(TOPIC_CREATION))
                ? Optional.empty()
                : deadLetters().map(DeadLetters::topic);
    }

    /** Whether the user insists on exactly-once (KIP-618). */
    public boolean requiresExactlyOnce() {
        return written.getOrDefault(EXACTLY_ONCE_SUPPORT, "").equalsIgnoreCase("required");
    }

    public boolean isRemote() {
        return BrokerGroup.isRemote(written);
    }

    public BrokerConfig broker() {
        return new BrokerGroup(this).broker();
    }

    private RemoteGroup remoteGroup() {
        return new RemoteGroup(new ConfigSettings(this));
    }

    public BufferCredentials bufferCredentials() {
        return remoteGroup().credentials();
    }

    /**
     * The configurations of the tasks. A broker in the worker has one, whatever the maximum: devices connect to one
     * broker. Standalone brokers are shared among as many tasks as are allowed.
     *
     * @param maxTasks at least 1
     */
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        if (!isRemote()) {
            return List.of(written);
        }
        List<Map<String, String>> tasks = new ArrayList<>();
        for (List<TaskShare> shares : TaskShare.divide(endpoints(), maxTasks)) {
            Map<String, String> task = new HashMap<>(written);
            task.put(TASK_SHARES, TaskShare.write(shares));
            task.put(TASK_NUMBER, Integer.toString(tasks.size()));
            tasks.add(task);
        }
        return tasks;
    }

    /** Where the standalone brokers serve their buffers, all of the connector. */
    public List<BufferEndpoint> endpoints() {
        return remoteGroup().endpoints();
    }

    /** What the task that has this configuration drains of standalone brokers. */
    public List<TaskShare> shares() {
        return TaskShare.read(written.getOrDefault(TASK_SHARES, ""));
    }

    /** The number of the task that has this configuration, as Kafka Connect counts them: from 0. */
    public int taskNumber() {
        return taskNumber(written);
    }

    /** The same of the properties of a task, be they valid or not. */
    public static int taskNumber(Map<String, String> properties) {
        return BrokerGroup.isRemote(given(properties))
                ? Integer.parseInt(properties.getOrDefault(TASK_NUMBER, "0"))
                : 0;
    }

    public Map<String, String> written() {
        return written;
    }

    public String connectorName() {
        return connectorName(written);
    }

    /** The same of properties, be they valid or not. */
    public static String connectorName(Map<String, String> properties) {
        return properties.getOrDefault(RouteGroup.CONNECTOR_NAME, "");
    }

    public AttachRequest consumer(Lanes lanes) {
        return new AttachRequest(connectorName(), routes().filters(), new DeliveryGroup(this).ackMode(), lanes);
    }

    public Optional<String> takeoverFrom() {
        return new BrokerGroup(this).takeoverFrom();
    }

    /** New routes, for one thread, to look at them or at what they make of a message. */
    public Routes routes() {
        return routes(RouteGroup.Use.TRIAL);
    }

    /** New routes, for the one thread of a task: what they learn is kept. */
    public Routes routes(PartitionCounts partitions) {
        return routes(new RouteGroup.Use(partitions, true));
    }

    private Routes routes(RouteGroup.Use use) {
        KafkaNames topics = new KafkaNames();
        deadLetters().map(DeadLetters::topic).ifPresent(topics::add);
        connectionsTopic().ifPresent(topics::add);
        List<Route> routes = new ArrayList<>(RouteGroup.routes(this, use, topics));
        new CaptureGroup(this).connections(List.copyOf(routes)).ifPresent(routes::add);
        return new Routes(routes);
    }

    /** What asks how many partitions Kafka topics have, if a route chooses one. */
    public Optional<AskedPartitions> partitions() {
        return RouteGroup.routes(this, RouteGroup.Use.TRIAL, new KafkaNames()).stream()
                        .anyMatch(route -> route.partition().isPresent())
                ? ClientOverrides.of(written)
                        .map(known -> new AskedPartitions(known.settings(), TopicCreation.of(written)))
                : Optional.empty();
    }

    public BatchLimits batchLimits() {
        return new DeliveryGroup(this).batchLimits();
    }

    public boolean isTransformed() {
        return ConverterCheck.isTransformed(written);
    }

    public Tolerance tolerance() {
        return new ErrorsGroup(this).tolerance();
    }

    public Optional<DeadLetters> deadLetters() {
        return new ErrorsGroup(this).deadLetters(connectorName());
    }

    public Optional<String> connectionsTopic() {
        return new CaptureGroup(this).connectionsTopic();
    }

    public Optional<StatusConfig> status() {
        return StatusGroup.status(this);
    }

    public ErrorLog errorLog() {
        return new ErrorsGroup(this).log();
    }
}
