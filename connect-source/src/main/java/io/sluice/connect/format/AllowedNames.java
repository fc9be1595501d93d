package io.sluice.connect.format;

import java.util.List;

/**
 * Names that are allowed, by patterns in which {@code *} stands for any characters, or none. A look-up takes a few
 * passes over the name, however long a device has made it. Immutable and thread-safe.
 */
public final class AllowedNames {

    public static final AllowedNames ALL = new AllowedNames(List.of("*"));

    /** What stands between the asterisks. */
    private final List<List<String>> patterns;

    private final boolean all;

    /** The names that match at least one pattern. */
    public AllowedNames(List<String> patterns) {
        this.patterns = patterns.stream()
                .map(pattern -> List.of(pattern.split("\\*", -1)))
                .toList();
        this.all = patterns.contains("*");
    }

    public boolean has(String name) {
        return all || patterns.stream().anyMatch(pieces -> matches(pieces, name));
    }

    private static boolean matches(List<String> pieces, String name) {
        String first = pieces.get(0);
        if (pieces.size() == 1) {
            return name.equals(first);
        }
        String last = pieces.get(pieces.size() - 1);
        if (!name.startsWith(first)) {
            return false;
        }
        int at = first.length();
        for (String piece : pieces.subList(1, pieces.size() - 1)) {
            int found = name.indexOf(piece, at);
            if (found < 0) {
                return false;
            }
            at = found + piece.length();
        }
        return name.length() - at >= last.length() && name.endsWith(last);
    }
}
