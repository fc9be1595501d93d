package io.sluice.connect.config;

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
    private static final Map<String, String> NAMES = Map.of("kafka.header.<name>", "");

    private static final String TEMPLATES = """
            ## Templates

            A template is a text with placeholders in braces:

            | placeholder | stands for |
            |---|---|
            | `{topic}` | the MQTT topic |
            | `{topic[0]}`, `{topic[1]}`, `{topic[-1]}` | its first, second, last level |
            | `{clientId}`, `{username}` | the publisher's client identifier, user name |
            | `{qos}`, `{retained}` | `0`, `1` or `2`; `true` or `false` |
            | `{contentType}` | MQTT 5 content type |
            | `{property.NAME}` | MQTT 5 user property; the last one, if the name is repeated |
            | `{json:/POINTER}` | what a JSON pointer finds in a JSON payload, such as `{json:/device/id}` |
            | `{timestamp:PATTERN}` | when the broker received the message, in UTC, such as `{timestamp:yyyy-MM-dd}` |

            A default follows a bar, `{username|anonymous}`; it stands in for what a message lacks or has empty. Without a
            default that is left empty, but for the Kafka topic: there the message cannot be mapped. `{{` is a brace.

            A message that cannot be mapped fails the task, or is skipped, counted and logged with
            `errors.tolerance=all`.

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
                .collect(Collectors.joining("", INTRODUCTION + "\n", TEMPLATES))
                .stripTrailing()
                .concat("\n");
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
