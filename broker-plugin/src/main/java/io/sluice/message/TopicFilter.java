package io.sluice.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

/**
 * An MQTT topic filter ([MQTT-4.7]), checked once when it is made. Thread-safe.
 *
 * <p>{@code +} stands for one level, {@code #} for any number of levels at the end. A filter that begins with a
 * wildcard does not match topics that begin with {@code $} ([MQTT-4.7.2-1]).
 */
public final class TopicFilter {

    private static final int MAX_BYTES = 65_535;

    private final String text;
    private final byte[] utf8;

    private TopicFilter(String text) {
        this.text = text;
        this.utf8 = text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The filter that a text stands for.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong, if the text is no topic filter, or
     *     is a shared subscription, which has no meaning here: a connector already receives each message once
     */
    public static TopicFilter of(String text) {
        if (text.isEmpty()) {
            throw invalid(text, "it is empty");
        }
        if (text.indexOf('\0') >= 0) {
            throw invalid(text, "it contains the null character [MQTT-4.7.3-2]");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw invalid(text.substring(0, 40) + "…", "it is longer than 65,535 bytes [MQTT-4.7.3-3]");
        }
        if (text.startsWith("$share/")) {
            throw invalid(text, "shared subscriptions divide messages among subscribers; name the filter without them");
        }
        checkWildcards(text);
        return new TopicFilter(text);
    }

    private static void checkWildcards(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean startsLevel = i == 0 || text.charAt(i - 1) == '/';
            boolean endsText = i == text.length() - 1;
            if (c == '#' && !(startsLevel && endsText)) {
                throw invalid(text, "'#' must be its whole last level, as in 'a/#' [MQTT-4.7.1-1]");
            }
            if (c == '+' && !(startsLevel && (endsText || text.charAt(i + 1) == '/'))) {
                throw invalid(text, "'+' must be a whole level, as in 'a/+/b' [MQTT-4.7.1-2]");
            }
        }
    }

    private static IllegalArgumentException invalid(String text, String why) {
        return new IllegalArgumentException("'" + text + "' is not a topic filter: " + why);
    }

    /** Whether a message published to this topic name is wanted by this filter. */
    public boolean matches(String topic) {
        return matches(text::charAt, text.length(), topic::charAt, topic.length());
    }

    /**
     * Whether a message published to a topic name is wanted by this filter.
     *
     * @param in holds the name in UTF-8
     * @param at where it begins
     * @param bytes how many it has
     */
    public boolean matches(ByteBuffer in, int at, int bytes) {
        return matches(i -> utf8[i], utf8.length, i -> in.get(at + i), bytes);
    }

    /** Both in the same encoding: what has a meaning is the same in either. */
    private static boolean matches(IntUnaryOperator filter, int filterEnd, IntUnaryOperator topic, int topicEnd) {
        int first = filter.applyAsInt(0);
        if (topicEnd > 0 && topic.applyAsInt(0) == '$' && (first == '+' || first == '#')) {
            return false;
        }
        int f = 0;
        int t = 0;
        while (f < filterEnd) {
            int c = filter.applyAsInt(f);
            if (c == '#') {
                return true;
            }
            if (c == '+') {
                f++;
                while (t < topicEnd && topic.applyAsInt(t) != '/') {
                    t++;
                }
            } else if (t < topicEnd && c == topic.applyAsInt(t)) {
                f++;
                t++;
            } else {
                // 'a/#' also matches its parent 'a' (MQTT 5 section 4.7.1.2)
                return t == topicEnd && f == filterEnd - 2 && c == '/' && filter.applyAsInt(f + 1) == '#';
            }
        }
        return t == topicEnd;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicFilter that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The filter as it is written. */
    @Override
    public String toString() {
        return text;
    }
}
