package io.sluice.tools;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A setting in which two configurations differ.
 *
 * @param key the setting
 * @param from its value in the first one, with secrets masked; empty if it is not there
 * @param to its value in the second one, with secrets masked; empty if it is not there
 */
public record Difference(String key, Optional<String> from, Optional<String> to) {

    /** All settings in which two configurations differ, in the order of their names. */
    public static List<Difference> between(Map<String, String> from, Map<String, String> to) {
        TreeSet<String> keys = new TreeSet<>(from.keySet());
        keys.addAll(to.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String key : keys) {
            Optional<String> before = Optional.ofNullable(from.get(key));
            Optional<String> after = Optional.ofNullable(to.get(key));
            if (!before.equals(after)) {
                differences.add(new Difference(key, before.map(shown(key)), after.map(shown(key))));
            }
        }
        return differences;
    }

    private static UnaryOperator<String> shown(String key) {
        return value -> Secrets.shown(key, value);
    }

    /** The same for the next program. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("key", key);
        from.ifPresent(value -> json.put("from", value));
        to.ifPresent(value -> json.put("to", value));
        return json;
    }

    /** One line: {@code + key: value}, {@code - key: value}, or {@code ~ key: value -> value}. */
    @Override
    public String toString() {
        if (from.isEmpty()) {
            return "+ " + key + ": " + to.orElse("");
        }
        return to.map(after -> "~ " + key + ": " + from.get() + " -> " + after).orElse("- " + key + ": " + from.get());
    }
}
