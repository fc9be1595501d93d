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

            A default follows a bar, `{username|anonymous}`; it stands in for what a message lacks or has empty. Without a
            default that is left empty, but for the Kafka topic: there the message cannot be mapped. `{{` is a brace.

            """;

    private static final String DEAD_LETTERS = """

            ## Dead letters

            A message cannot be mapped if the template of its Kafka topic asks for what it does not have, or makes a name
            that is not allowed, that Kafka takes for another's, or one too many; if `kafka.key.required` or
            `record.timestamp` asks for what it does not have; if its payload is not what `value.format` asks for; or if its
            record would be larger than `record.max.bytes`, with what the converter adds. It becomes a dead letter: a record
            in `dead.letter.topic`, in its place among the records of its client, so in the same transaction with
            exactly-once, and its publisher is acknowledged as any other. With an empty `dead.letter.topic` the task fails
            with a sentence that names the message, or with `errors.tolerance=all` skips and counts it.

            A transformation, a converter, the producer or Kafka may refuse a record: the Kafka topic may take smaller records
            only, be compacted, or be missing. `errors.tolerance` decides what Kafka Connect does with the record, and Sluice
            does the rest:

            | `errors.tolerance` | Kafka Connect | Sluice |
            |---|---|---|
            | `none` (default) | the task fails, with the reason in its status | after a restart what was on its way goes out \
            one record at a time; the record at which the task fails again becomes a dead letter with the next restart. One \
            that is refused at once, while others arrive, is known after the first failure. Order holds |
            | `all` | gives the record up and goes on | the message becomes a dead letter with the next poll. Kafka refuses a \
            batch as a whole: records that were in one batch with it share its fate |

            With exactly-once `errors.tolerance=all` covers transformations and converters only: what Kafka and the producer
            refuse fails the task, as with `none`. A crash, of the worker or of Kafka, makes nothing a dead letter. Should
            Kafka refuse the dead letter too, it is reduced to its origin and the beginning of its payload.

            Of messages that become dead letters or are skipped the worker's log has one in ten seconds, with their number;
            all of them with `errors.log.enable=true`, and the beginning of their payloads with
            `errors.log.include.messages=true`.

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

            Its value goes through the connector's `value.converter`, so it has a form that this takes: text where
            `value.format` is `string` or `struct`, in base64 if the payload is not UTF-8; with any other format the bytes
            of the payload. A dead letter above `dead.letter.max.bytes` has no key, of the `mqtt.*` headers only `mqtt.topic` and
            `mqtt.client.id`, and as much of the payload as there is room for. Its timestamp is that of the producer.

            Transformations see dead letters too, and one that takes structs only fails at their text: give it a predicate, such
            as `TopicNameMatches` with `negate`.

            The topic is not created by Sluice: create it, or let `topic.creation.default.*` do it.
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
