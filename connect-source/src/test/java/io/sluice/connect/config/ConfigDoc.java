package io.sluice.connect.config;

import io.sluice.connect.route.PlaceholderKind;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.jspecify.annotations.Nullable;

/** The documentation of the configuration, made from the definition of its keys, so that the two cannot differ. */
final class ConfigDoc {

    private static final String INTRODUCTION = """
            # Configuration

            The keys of `io.sluice.connect.MqttSourceConnector`, besides those of
            [every source connector](https://kafka.apache.org/documentation/#sourceconnectorconfigs). None is required but
            `buffer.dir`, and that only for a buffer on disk.
            """;

    /** Stands for the names that users make up. */
    private static final Map<String, String> NAMES =
            Map.of("kafka.header.<name>", "", "kafka.key.field.<name>", "", "metadata.<name>", "");

    private static final String TEMPLATES = """
            ## Templates

            A template is a text with placeholders in braces:

            """ + placeholders() + """

            A default follows a bar, as in `{username|anonymous}`. It replaces a value that is missing or empty. Without
            a default, the placeholder becomes empty text; in `kafka.topic`, the message cannot be mapped. Write `{{`
            for a brace.

            """;

    private static final String DEAD_LETTERS = """

            ## Dead letters

            A message cannot be mapped if it lacks a value for `kafka.topic`, `kafka.key` (with `kafka.key.required`) or
            `record.timestamp`; if the name of its Kafka topic is invalid, not allowed, the same as another to Kafka, or
            one too many; if its payload does not fit `value.format`; or if its record, with what the converter adds,
            would be larger than `record.max.bytes`. It becomes a dead letter: a record in `dead.letter.topic`, in order
            with the records of its client, and with exactly-once in the same transaction. The broker acknowledges it as
            any other message. With an empty `dead.letter.topic` the task fails with an error that names the message;
            with `errors.tolerance=all` it skips and counts the message.

            A transformation, a converter, the producer or Kafka may refuse a record: the Kafka topic may take smaller records
            only, be compacted, or be missing. `errors.tolerance` decides what Kafka Connect does with the record, and Sluice
            does the rest:

            | `errors.tolerance` | Kafka Connect | Sluice |
            |---|---|---|
            | `none` (default) | the task fails, with the reason in its status | after a restart the task sends the \
            records that were in flight one at a time; the record at which it fails again becomes a dead letter with the \
            next restart, or a later one if it fails late. A record that is refused at once, while others arrive, is known \
            after the first failure. Order holds |
            | `all` | gives the record up and goes on | the message becomes a dead letter with the next poll. Kafka refuses a \
            batch as a whole: records that were in one batch with it share its fate |

            With exactly-once `errors.tolerance=all` covers transformations and converters only: what Kafka and the
            producer refuse fails the task, as with `none`. A crash of the worker or of Kafka makes no message a dead
            letter. If Kafka refuses the dead letter too, Sluice reduces it to its origin and the beginning of its
            payload.

            The worker logs one dead letter or skipped message every ten seconds, with their number. With
            `errors.log.enable=true` it logs all of them, and with `errors.log.include.messages=true` also the beginning
            of their payloads.

            A dead letter has the payload and the key of the message, every `mqtt.*` header, whatever `mqtt.headers` says,
            and these:

            | header | says |
            |---|---|
            | `sluice.error.message` | what was wrong, in a sentence |
            | `sluice.error.class` | the class of the exception |
            | `sluice.error.connector`, `sluice.error.route` | who could not map it; `default` is the route without a name |
            | `sluice.error.buffer`, `sluice.error.position` | where the message is in the log |
            | `sluice.error.element` | which element of the message the payload is, if `value.split` made it |
            | `sluice.error.payload.encoding` | `base64`, if the value is the payload in base64 |
            | `sluice.error.payload.bytes` | how long the payload was, if the value is only its beginning |

            Its value goes through the connector's `value.converter`, so it has a form that this converter accepts: text
            where `value.format` is `string`, `struct`, `json`, `protobuf` or `sparkplug`, in base64 if the payload is not
            UTF-8; with any other format the bytes of the payload. A dead letter above `dead.letter.max.bytes` has no key, of the `mqtt.*` headers
            only `mqtt.topic` and `mqtt.client.id`, and as much of the payload as fits. Its timestamp is that of the
            producer.

            Transformations see dead letters too. A transformation that accepts only structs fails at their text: give
            it a predicate, such as `TopicNameMatches` with `negate`.

            Sluice does not create the topic: create it, or let Kafka Connect do so with `topic.creation.default.*`.
            """;

    private ConfigDoc() {}

    /** The documentation as Markdown. */
    static String markdown() {
        ConfigDef definition = SourceConfig.definition(NAMES);
        Map<String, List<ConfigKey>> byGroup = definition.configKeys().values().stream()
                .sorted(Comparator.comparingInt((ConfigKey key) -> key.orderInGroup))
                .collect(Collectors.groupingBy(key -> key.group));
        return definition.groups().stream()
                .map(group -> "## " + group + "\n\n"
                        + byGroup.getOrDefault(group, List.of()).stream()
                                .map(ConfigDoc::entry)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining("", INTRODUCTION + "\n", TEMPLATES + DEAD_LETTERS))
                .stripTrailing()
                .concat("\n");
    }

    private static String placeholders() {
        return Arrays.stream(PlaceholderKind.values())
                .map(kind -> "| `" + kind.written() + "` | " + kind.meaning() + " |\n")
                .collect(Collectors.joining("", "| placeholder | stands for |\n|---|---|\n", ""));
    }

    private static String entry(ConfigKey key) {
        return "### `" + key.name + "`\n\n" + key.documentation + "\n\n"
                + "- Type: " + key.type.name().toLowerCase(Locale.ROOT) + "\n"
                + "- Default: " + byDefault(key) + "\n"
                + Optional.ofNullable(validValues(key.validator))
                        .map(values -> "- Valid values: " + values + "\n")
                        .orElse("")
                + "- Importance: " + key.importance.name().toLowerCase(Locale.ROOT) + "\n\n";
    }

    private static String byDefault(ConfigKey key) {
        Object value = key.defaultValue;
        if (value == null) {
            return "none";
        }
        return "`" + ConfigDef.convertToString(value, key.type) + "`";
    }

    private static @Nullable String validValues(ConfigDef.@Nullable Validator validator) {
        return validator == null ? null : validator.toString();
    }
}
