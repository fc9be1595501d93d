package io.sluice.connect.config;

import io.sluice.connect.config.ConnectionCheck.Mistake;
import io.sluice.connect.route.Template;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a Kafka has the topics of a configuration, or they will be made when they are written to. */
final class TopicCheck {

    private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);

    /** Kafka Connect's own keys. */
    private static final String CREATION = "topic.creation.";

    private static final String CREATION_GROUPS = CREATION + "groups";
    private static final String CREATION_DEFAULT = CREATION + "default.";
    private static final String PARTITIONS = CREATION_DEFAULT + "partitions";
    private static final String REPLICATION_FACTOR = CREATION_DEFAULT + "replication.factor";
    private static final String TRANSFORMS = "transforms";

    private static final String AUTO_CREATE = "auto.create.topics.enable";

    private final Admin admin;
    private final int node;
    private final ClientOverrides overrides;
    private final Map<String, String> properties;

    /**
     * A check.
     *
     * @param node the id of one of the servers
     */
    TopicCheck(Admin admin, int node, ClientOverrides overrides, Map<String, String> properties) {
        this.admin = admin;
        this.node = node;
        this.overrides = overrides;
        this.properties = properties;
    }

    /** A topic that a configuration names, and the key that does. */
    record Wanted(String key, String topic) {}

    /** The topics that records will surely go to: none made from messages, and none that a transformation may change. */
    static List<Wanted> wanted(CheckedValues values, Map<String, String> properties) {
        if (!properties.getOrDefault(TRANSFORMS, "").isBlank()) {
            return List.of();
        }
        return Stream.of(RouteGroup.topicKeys(values), CaptureGroup.topicKeys(values), ErrorsGroup.topicKeys())
                .flatMap(List::stream)
                .flatMap(
                        key -> values
                                .text(key)
                                .map(Template::of)
                                .flatMap(Template::fixed)
                                .map(topic -> new Wanted(key, topic))
                                .stream())
                .toList();
    }

    /** What is wrong with topics. */
    List<Mistake> mistakes(List<Wanted> topics) throws InterruptedException {
        Map<String, ? extends KafkaFuture<?>> described = admin.describeTopics(
                        topics.stream().map(Wanted::topic).distinct().toList())
                .topicNameValues();
        List<Mistake> mistakes = new ArrayList<>();
        for (Wanted wanted : topics) {
            KafkaFuture<?> answer = described.get(wanted.topic());
            if (answer != null
                    && failure(answer)
                            .filter(UnknownTopicOrPartitionException.class::isInstance)
                            .isPresent()) {
                uncreatable(wanted).ifPresent(mistakes::add);
            }
        }
        return mistakes;
    }

    private Optional<Mistake> uncreatable(Wanted wanted) throws InterruptedException {
        if (properties.keySet().stream().noneMatch(key -> key.startsWith(CREATION_DEFAULT))) {
            return createsByItself()
                    ? Optional.empty()
                    : Optional.of(new Mistake(
                            wanted.key(),
                            wanted.key() + " is " + wanted.topic() + ", a topic that Kafka does not have and does not"
                                    + " create by itself: create it, or set " + PARTITIONS + " and "
                                    + REPLICATION_FACTOR + " so that Kafka Connect does."));
        }
        // Without servers of its own, Kafka Connect's admin client goes to the worker's Kafka, wherever that is.
        return overrides.namesAdminServers() && !properties.containsKey(CREATION_GROUPS)
                ? rehearse(wanted)
                : Optional.empty();
    }

    /** Lets Kafka say whether it would create a topic as Kafka Connect will ask it to. */
    private Optional<Mistake> rehearse(Wanted wanted) throws InterruptedException {
        NewTopic topic;
        try {
            topic = new NewTopic(
                    wanted.topic(),
                    number(PARTITIONS),
                    number(REPLICATION_FACTOR).map(Integer::shortValue));
        } catch (NumberFormatException e) {
            return Optional.empty(); // Kafka Connect says so itself.
        }
        Map<String, String> settings = new HashMap<>();
        properties.forEach((key, value) -> {
            if (key.startsWith(CREATION_DEFAULT) && !key.equals(PARTITIONS) && !key.equals(REPLICATION_FACTOR)) {
                settings.put(key.substring(CREATION_DEFAULT.length()), value);
            }
        });
        settings.keySet().removeAll(List.of("include", "exclude"));
        return failure(admin.createTopics(
                                List.of(topic.configs(settings)), new CreateTopicsOptions().validateOnly(true))
                        .all())
                .flatMap(failure -> mistaken(failure, wanted)
                        .map(key -> new Mistake(
                                key,
                                "Kafka would not create the topic " + wanted.topic() + " of " + wanted.key()
                                        + " with what " + CREATION_DEFAULT + "* asks for: " + failure.getMessage())));
    }

    /** The key whose value Kafka objects to, if that is what it does. */
    private static Optional<String> mistaken(Throwable failure, Wanted wanted) {
        if (failure instanceof InvalidReplicationFactorException) {
            return Optional.of(REPLICATION_FACTOR);
        }
        if (failure instanceof InvalidPartitionsException) {
            return Optional.of(PARTITIONS);
        }
        return failure instanceof InvalidConfigurationException || failure instanceof PolicyViolationException
                ? Optional.of(wanted.key())
                : Optional.empty();
    }

    private Optional<Integer> number(String key) {
        return Optional.ofNullable(properties.get(key))
                .map(text -> Integer.valueOf(text.strip()))
                .filter(number -> number != -1);
    }

    /** Whether Kafka creates topics that somebody asks for; true also if it does not say. */
    private boolean createsByItself() throws InterruptedException {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(node));
        try {
            Config config = admin.describeConfigs(List.of(broker)).all().get().get(broker);
            ConfigEntry entry = config == null ? null : config.get(AUTO_CREATE);
            return entry == null || !"false".equals(entry.value());
        } catch (ExecutionException e) {
            LOG.debug("Kafka does not say whether it creates topics by itself", e);
            return true;
        }
    }

    /** Why a question was not answered. */
    private static Optional<Throwable> failure(KafkaFuture<?> answer) throws InterruptedException {
        try {
            answer.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.ofNullable(e.getCause());
        }
    }
}
