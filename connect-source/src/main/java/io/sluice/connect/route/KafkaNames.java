package io.sluice.connect.route;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a connector's Kafka topics. Kafka's metrics do not tell dot and underscore apart, so that Kafka creates
 * no topic that differs from another one in them only. Not thread-safe.
 */
public final class KafkaNames {

    private final Map<String, String> names = new HashMap<>();

    /**
     * Adds a name.
     *
     * @return another name that Kafka takes for the same; that one stays, and this one is not added
     */
    public Optional<String> add(String name) {
        return Optional.ofNullable(names.putIfAbsent(name.replace('.', '_'), name))
                .filter(other -> !other.equals(name));
    }
}
