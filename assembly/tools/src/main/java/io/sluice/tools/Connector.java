package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A connector as it is configured.
 *
 * @param config its settings by key, in the order of their names and without the name
 */
public record Connector(String name, Map<String, String> config) {

    private static final String NAME = "name";

    public Connector {
        TreeMap<String, String> sorted = new TreeMap<>(config);
        sorted.remove(NAME);
        config = Collections.unmodifiableMap(sorted);
    }

    /** A connector as a worker tells of it. */
    public static Connector of(String name, JsonNode settings) {
        Map<String, String> config = new TreeMap<>();
        settings.properties()
                .forEach(setting ->
                        config.put(setting.getKey(), setting.getValue().asText()));
        return new Connector(name, config);
    }

    /** The class that runs it, or an empty text if it names none. */
    public String connectorClass() {
        return config.getOrDefault("connector.class", "");
    }

    /** The settings and the name among them, as a worker validates them. */
    Map<String, String> named() {
        Map<String, String> named = new TreeMap<>(config);
        named.put(NAME, name);
        return named;
    }
}
