package io.sluice.broker.config;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Finds the key that somebody has meant who wrote one that there is not. Stateless. */
public final class NearestKey {

    private NearestKey() {}

    /**
     * The known key from which the fewest letters differ, if there is one that is near enough.
     *
     * @param most how many letters may differ: a name that is longer or shorter by more is not looked at
     */
    public static Optional<String> of(String key, Collection<String> known, int most) {
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
        int[] before = IntStream.rangeClosed(0, other.length()).toArray();
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
