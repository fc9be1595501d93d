package io.sluice.connect.config;

import io.sluice.connect.route.KafkaNames;
import io.sluice.connect.route.KafkaPartition;
import io.sluice.connect.route.KafkaTopic;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.route.Template;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/** The Kafka topic of a route's records; a part of {@link RouteGroup}, which says where its keys begin. */
record KafkaTopicGroup(AbstractConfig values, String prefix) {

    static final String KAFKA_TOPIC = "kafka.topic";
    static final String KAFKA_PARTITION = "kafka.partition";
    static final String KAFKA_TOPIC_ALLOW = "kafka.topic.allow";
    static final String KAFKA_TOPIC_MAX_DISTINCT = "kafka.topic.max.distinct";
    static final String KAFKA_TOPIC_REPLACEMENT = "kafka.topic.replacement";

    private static final String KAFKA_TOPIC_DOC =
            "Template of the Kafka topic. In a name made from a template `/` becomes `.` and every other character that"
                    + " Kafka forbids `_` (see `kafka.topic.replacement`); `.`, `..`, names that begin with `__` and"
                    + " names above 249 characters are invalid.";
    private static final String KAFKA_TOPIC_ALLOW_DOC =
            "Regular expression that Kafka topics made from a template must match as a whole. Unset: the template must"
                    + " begin with a literal, so that devices cannot choose any topic.";
    private static final String KAFKA_TOPIC_MAX_DISTINCT_DOC =
            "The most Kafka topics that a template may make; messages for further ones cannot be mapped. Each task"
                    + " counts from its start, and the first names use up the limit. With `kafka.topic.allow` you"
                    + " decide which names these can be.";
    private static final String KAFKA_TOPIC_REPLACEMENT_DOC =
            "Replacement of characters that Kafka forbids in a name made from a template: `.`, `_` or `-`. Unset: `.`"
                    + " for `/`, and `_` for all others. Kafka does not tell `.` and `_` apart. With `-`, the MQTT"
                    + " topics `a/b` and `a_b` make two Kafka topics; without it, messages of the second one cannot be"
                    + " mapped.";

    private static final String KAFKA_PARTITION_DOC =
            "Template of the partition, a whole number from 0 on. Unset: Kafka's partitioner chooses by the key. A message"
                    + " cannot be mapped if the template makes no such number for it, or a partition that the Kafka topic lacks. Sluice"
                    + " asks Kafka for the partitions of topics, and messages wait while Kafka does not answer. So set"
                    + " `producer.override.bootstrap.servers`, with the keys for a login, even if records go to the worker's own"
                    + " Kafka: a connector cannot see its address. If a topic is missing, Sluice counts the partitions that"
                    + " `topic.creation.*` says, until the topic is there. A worker with `topic.creation.enable=false` creates"
                    + " none; then create the topics yourself. A transformation must not change the Kafka topic.";

    static void define(Keys keys) {
        keys.text(KAFKA_TOPIC, "mqtt.messages", new Syntax("template", Template::of))
                .as(Importance.HIGH, "Kafka topic", KAFKA_TOPIC_DOC)
                .text(KAFKA_PARTITION, null, new Syntax("template", KafkaPartition::parse))
                .as(Importance.LOW, "Partition", KAFKA_PARTITION_DOC)
                .text(KAFKA_TOPIC_ALLOW, null, new Syntax("regular expression", KafkaTopicGroup::pattern))
                .onlyWhen(KAFKA_TOPIC, KafkaTopicGroup::isMadeFromMessages)
                .as(Importance.MEDIUM, "Allowed Kafka topics", KAFKA_TOPIC_ALLOW_DOC)
                .whole(KAFKA_TOPIC_MAX_DISTINCT, 1_000, ConfigDef.Range.atLeast(1))
                .onlyWhen(KAFKA_TOPIC, KafkaTopicGroup::isMadeFromMessages)
                .as(Importance.LOW, "Most Kafka topics", KAFKA_TOPIC_MAX_DISTINCT_DOC)
                .text(KAFKA_TOPIC_REPLACEMENT, null, new Syntax("., _ or -", KafkaTopicGroup::replacement))
                .onlyWhen(KAFKA_TOPIC, KafkaTopicGroup::isMadeFromMessages)
                .as(Importance.LOW, "Replacement in Kafka topics", KAFKA_TOPIC_REPLACEMENT_DOC);
    }

    static void validate(CheckedValues values) {
        if (!values.isAbsent(KAFKA_PARTITION)
                && ClientOverrides.of(values.properties()).isEmpty()) {
            values.refuse(
                    KAFKA_PARTITION,
                    " is set, so Sluice has to ask Kafka how many partitions topics have: set "
                            + ClientOverrides.SERVERS
                            + ", with the keys for a login, even if that is the worker's own Kafka.");
        }
        Optional<String> topic = values.text(KAFKA_TOPIC);
        if (topic.isEmpty()) {
            return;
        }
        Optional<Pattern> allowed = values.text(KAFKA_TOPIC_ALLOW).map(Pattern::compile);
        try {
            new KafkaTopic(Template.of(topic.get()), allowed, 1, Optional.empty(), new KafkaNames());
        } catch (IllegalArgumentException e) {
            values.show(
                    KAFKA_TOPIC,
                    "Invalid value " + topic.get() + " for configuration " + values.name(KAFKA_TOPIC) + ": "
                            + e.getMessage());
        }
    }

    /** @param all the topics of the connector */
    KafkaTopic topic(KafkaNames all) {
        return new KafkaTopic(
                Template.of(values.getString(prefix + KAFKA_TOPIC)),
                Optional.ofNullable(values.getString(prefix + KAFKA_TOPIC_ALLOW))
                        .map(Pattern::compile),
                values.getInt(prefix + KAFKA_TOPIC_MAX_DISTINCT),
                Optional.ofNullable(values.getString(prefix + KAFKA_TOPIC_REPLACEMENT))
                        .map(KafkaTopicGroup::replacement),
                all);
    }

    Optional<KafkaPartition> partition(PartitionCounts counts) {
        return Optional.ofNullable(values.getString(prefix + KAFKA_PARTITION))
                .map(template -> new KafkaPartition(KafkaPartition.parse(template), counts));
    }

    private static boolean isMadeFromMessages(@Nullable Object topic) {
        try {
            return topic instanceof String template
                    && Template.of(template).fixed().isEmpty();
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    private static char replacement(String text) {
        if (text.length() != 1 || "._-".indexOf(text.charAt(0)) < 0) {
            throw new IllegalArgumentException("Kafka's topic names have '.', '_' and '-' besides letters and digits");
        }
        return text.charAt(0);
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("it is not a regular expression: " + e.getDescription(), e);
        }
    }
}
