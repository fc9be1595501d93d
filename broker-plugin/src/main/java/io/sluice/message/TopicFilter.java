package io.sluice.message;

import java.nio.charset.StandardCharsets;

/**
 * An MQTT topic filter ([MQTT-4.7]), checked once when it is made. Thread-safe.
 *
 * <p>{@code +} stands for one level, {@code #} for any number of levels at the end. A filter that begins with a
 * wildcard does not match topics that begin with {@code $} ([MQTT-4.7.2-1]).
 */
public final class TopicFilter {

    private static final int MAX_BYTES = 65_535;

    private final String text;

    private TopicFilter(String text) {
        this.text = text;
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
        if (topic.startsWith("$") && (text.charAt(0) == '+' || text.charAt(0) == '#')) {
            return false;
        }
        int f = 0;
        int t = 0;
        while (f < text.length()) {
            char c = text.charAt(f);
            if (c == '#') {
                return true;
            }
            if (c == '+') {
                f++;
                t = endOfLevel(topic, t);
            } else if (t < topic.length() && c == topic.charAt(t)) {
                f++;
                t++;
            } else {
                // 'a/#' also matches its parent 'a' (MQTT 5 section 4.7.1.2)
                return t == topic.length() && text.startsWith("/#", f) && f == text.length() - 2;
            }
        }
        return t == topic.length();
    }

    private static int endOfLevel(String topic, int from) {
        int slash = topic.indexOf('/', from);
        return slash < 0 ? topic.length() : slash;
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
