package io.sluice.connect.config;

import io.sluice.connect.delivery.ErrorLog;
import io.sluice.connect.delivery.Tolerance;
import io.sluice.connect.route.DeadLetters;
import io.sluice.connect.route.KafkaTopic;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** What happens to messages that cannot be mapped. */
record ErrorsGroup(AbstractConfig values) {

    static final String NAME = "Errors";

    static final String DEAD_LETTER_TOPIC = "dead.letter.topic";
    static final String DEAD_LETTER_MAX_BYTES = "dead.letter.max.bytes";

    /** Kafka Connect's own keys, which do not cover polls, in which messages are mapped. */
    static final String TOLERANCE = "errors.tolerance";

    static final String LOG_ENABLE = "errors.log.enable";
    static final String LOG_INCLUDE_MESSAGES = "errors.log.include.messages";

    private static final String DEAD_LETTER_TOPIC_DOC =
            "The Kafka topic of messages that cannot be mapped, or whose records are refused, see [below](#dead-letters)."
                    + " Empty: such a message fails the task, or is skipped and counted with Kafka Connect's"
                    + " `errors.tolerance=all`.";
    private static final String DEAD_LETTER_MAX_BYTES_DOC =
            "The largest dead letter, in bytes of key, value and headers. Sluice reduces a larger one to the beginning"
                    + " of its payload. Keep it below the producer's `max.request.size`.";

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .text(
                        DEAD_LETTER_TOPIC,
                        "mqtt.dead.letters",
                        new Syntax("name of a Kafka topic, or empty", ErrorsGroup::topic))
                .as(Importance.MEDIUM, "Dead letter topic", DEAD_LETTER_TOPIC_DOC)
                .whole(DEAD_LETTER_MAX_BYTES, 1_030_000, ConfigDef.Range.atLeast(DeadLetters.LEAST))
                .onlyWhen(DEAD_LETTER_TOPIC, topic -> !"".equals(topic))
                .as(Importance.LOW, "Largest dead letter", DEAD_LETTER_MAX_BYTES_DOC);
    }

    static void validate(CheckedValues values) {
        validateConnections(values);
        Optional<String> topic = values.text(DEAD_LETTER_TOPIC).filter(name -> !name.isEmpty());
        if (topic.isEmpty()) {
            return;
        }
        Stream.of(RouteGroup.topicKeys(values), CaptureGroup.topicKeys(values))
                .flatMap(List::stream)
                .filter(key -> values.kafkaTopic(key).equals(topic))
                .forEach(key -> values.refuse(
                        DEAD_LETTER_TOPIC,
                        " is " + topic.get() + ", which is the topic of " + key
                                + ": name another, so that a reader of one topic never gets records of the other."));
    }

    private static void validateConnections(CheckedValues values) {
        for (String connections : CaptureGroup.topicKeys(values)) {
            for (String key : RouteGroup.topicKeys(values)) {
                Optional<String> topic = values.kafkaTopic(key);
                if (topic.isPresent() && topic.equals(values.text(connections))) {
                    values.refuse(
                            connections,
                            " is " + topic.get() + ", which is the topic of " + key
                                    + ": name another, so that no device can make records about connections.");
                }
            }
        }
    }

    private static void topic(String name) {
        if (!name.isEmpty()) {
            KafkaTopic.named(name);
        }
    }

    Optional<DeadLetters> deadLetters(String connector) {
        return Optional.of(values.getString(DEAD_LETTER_TOPIC))
                .filter(topic -> !topic.isEmpty())
                .map(topic -> new DeadLetters(topic, values.getInt(DEAD_LETTER_MAX_BYTES), connector));
    }

    Tolerance tolerance() {
        return original(TOLERANCE).equalsIgnoreCase("all") ? Tolerance.ALL : Tolerance.NONE;
    }

    ErrorLog log() {
        if (!Boolean.parseBoolean(original(LOG_ENABLE))) {
            return ErrorLog.SUMMARY;
        }
        return Boolean.parseBoolean(original(LOG_INCLUDE_MESSAGES)) ? ErrorLog.EACH_WITH_PAYLOAD : ErrorLog.EACH;
    }

    private String original(String key) {
        return values.originalsStrings().getOrDefault(key, "").strip();
    }
}
