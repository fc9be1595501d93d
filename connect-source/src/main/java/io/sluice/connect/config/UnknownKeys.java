package io.sluice.connect.config;

import io.sluice.broker.config.NearestKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds keys that nothing reads: those that begin like this connector's and are none of them, and those that are a
 * letter or two away from one. Kafka Connect ignores them silently, and a topic filter that is not read captures
 * everything.
 */
final class UnknownKeys {

    /** Begin keys of Kafka Connect's own where it has the first word of a key in common with this connector. */
    private static final List<String> OF_KAFKA_CONNECT = List.of(
            "topic.creation.",
            "value.converter",
            "key.converter",
            "header.converter",
            "transforms",
            "predicates",
            "sluice.");

    private static final int LETTERS = 2;

    private UnknownKeys() {}

    static void refuse(CheckedValues values, Collection<String> known) {
        Set<String> begins = known.stream().map(UnknownKeys::begin).collect(Collectors.toSet());
        values.properties().keySet().stream()
                .filter(key -> !known.contains(key))
                .filter(key -> OF_KAFKA_CONNECT.stream().noneMatch(key::startsWith))
                .sorted()
                .forEach(key -> {
                    boolean ours = begins.contains(begin(key));
                    Optional<String> nearest =
                            NearestKey.of(key, known, ours ? Math.max(LETTERS, key.length() / 2) : LETTERS);
                    if (ours || nearest.isPresent()) {
                        values.refuse(
                                key,
                                " is set, and there is no such key"
                                        + nearest.map(name -> ": is it " + name + "?")
                                                .orElse("."));
                    }
                });
    }

    private static String begin(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }
}
