package io.sluice.tools;

import java.util.regex.Pattern;

/** Commands that are offered, so that somebody may copy them into a POSIX shell. */
public final class Shell {

    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_@%+=:,./-]+");

    private Shell() {}

    /** A name or a path as one word of a command; in quotes, unless a shell takes it as it is. */
    public static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
