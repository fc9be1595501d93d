package io.sluice.connect.config;

import java.util.Collection;
import java.util.List;
import java.util.Map;
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

    /** Refuses each such key of a configuration, with the nearest that there is. */
    static void refuse(CheckedValues values, Map<String, String> properties, Collection<String> known) {
        Set<String> begins = known.stream().map(UnknownKeys::begin).collect(Collectors.toSet());
        properties.keySet().stream()
                .filter(key -> !known.contains(key))
                .filter(key -> OF_KAFKA_CONNECT.stream().noneMatch(key::startsWith))
                .sorted()
                .forEach(key -> {
                    boolean ours = begins.contains(begin(key));
                    Optional<String> nearest =
                            nearest(key, known, ours ? Math.max(LETTERS, key.length() / 2) : LETTERS);
                    if (ours || nearest.isPresent()) {
                        values.refuse(
                                key,
                                key + " is set, and there is no such key"
                                        + nearest.map(name -> ": is it " + name + "?")
                                                .orElse("."));
                    }
                });
    }

    private static String begin(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    /** @param most how many letters may differ: a name that is longer or shorter by more is not looked at */
    private static Optional<String> nearest(String key, Collection<String> known, int most) {
        return known.stream()
                .filter(name -> Math.abs(name.length() - key.length()) <= most)
                .sorted()
                .map(name -> Map.entry(name, distance(name, key)))
                .filter(name -> name.getValue() <= most)
                .min(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }

    /** How many letters differ (Levenshtein). */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int same = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(same, 1 + Math.min(before[j], now[j - 1]));
            }
            before = now;
        }
        return before[other.length()];
    }
}
