package io.sluice.connect.config;

import io.sluice.connect.route.NamedTemplate;
import io.sluice.connect.route.Template;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Keys whose last part is a name that users make up, and whose value is a template. */
final class NamedTemplates {

    private NamedTemplates() {}

    static void define(
            Keys keys, String begin, Map<String, String> properties, String documentation, String displayName) {
        names(properties, keys.name(begin))
                .forEach(name -> keys.text(begin + name, null, new Syntax("template", text -> check(name, text)))
                        .as(Importance.MEDIUM, displayName + " " + name, documentation));
    }

    private static void check(String name, String text) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the key lacks a name after its last dot");
        }
        Template.of(text);
    }

    static List<NamedTemplate> of(Map<String, String> properties, String begin) {
        return properties.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(begin))
                .sorted(Map.Entry.comparingByKey())
                .map(entry ->
                        new NamedTemplate(entry.getKey().substring(begin.length()), Template.of(entry.getValue())))
                .toList();
    }

    /** The last parts of the keys that begin so, in order. */
    static Stream<String> names(Map<String, ?> properties, String begin) {
        return properties.keySet().stream()
                .filter(key -> key.startsWith(begin))
                .map(key -> key.substring(begin.length()))
                .sorted();
    }
}
