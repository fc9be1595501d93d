package io.sluice.connect.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.assertj.core.api.Condition;

/** What becomes of a configuration that a user writes: the least one, and whatever else is given. A null takes a key out. */
final class Written {

    private Written() {}

    static Condition<String> containing(String text) {
        return new Condition<>(value -> value.contains(text), "containing %s", text);
    }

    static SourceConfig config(String... keysAndValues) {
        return SourceConfig.of(properties(keysAndValues));
    }

    static Map<String, String> mistakes(String... keysAndValues) {
        return SourceConfig.check(properties(keysAndValues)).stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, value -> String.join(" | ", value.errorMessages())));
    }

    static List<String> hidden(String... keysAndValues) {
        return SourceConfig.check(properties(keysAndValues)).stream()
                .filter(value -> !value.visible())
                .map(ConfigValue::name)
                .filter(key -> !RemoteConfigTest.KEYS.contains(key))
                .toList();
    }

    static Map<String, String> properties(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(Map.of("name", "mqtt", "buffer.dir", "/data/iot"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            if (keysAndValues[i + 1] == null) {
                properties.remove(keysAndValues[i]);
            } else {
                properties.put(keysAndValues[i], keysAndValues[i + 1]);
            }
        }
        return properties;
    }
}
