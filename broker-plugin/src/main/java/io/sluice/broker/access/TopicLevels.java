package io.sluice.broker.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The levels of a rule, with names put in place of {@code %c} and {@code %u}. What a name brings along is never a
 * wildcard, whatever characters it has. Immutable and thread-safe.
 *
 * @param texts the levels as they are written
 * @param isLiteral for each, whether it stands for itself, also if it is {@code +} or {@code #}
 */
record TopicLevels(List<String> texts, List<Boolean> isLiteral) {

    private static final String MULTI = "#";
    private static final String SINGLE = "+";

    /** The levels of a filter or a topic. */
    static TopicLevels of(String filter) {
        List<String> texts = List.of(filter.split("/", -1));
        return new TopicLevels(
                texts, texts.stream().map(text -> !isWildcard(text)).toList());
    }

    private static boolean isWildcard(String level) {
        return level.equals(SINGLE) || level.equals(MULTI);
    }

    /** The levels with a client identifier and a user name in them, as they spell it. */
    TopicLevels with(String client, String user) {
        List<String> named = new ArrayList<>();
        List<Boolean> literal = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            List<String> levels = Arrays.asList(substituted(text, client, user).split("/", -1));
            named.addAll(levels);
            boolean hasName = namesClient(text) || namesUser(text);
            for (int j = 0; j < levels.size(); j++) {
                literal.add(hasName || isLiteral.get(i));
            }
        }
        return new TopicLevels(named, literal);
    }

    /** In one go: a client identifier may hold {@code %u}. */
    private static String substituted(String level, String client, String user) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int at = level.indexOf('%'); at >= 0; at = level.indexOf('%', from)) {
            text.append(level, from, at);
            if (level.startsWith("%c", at)) {
                text.append(client);
                from = at + 2;
            } else if (level.startsWith("%u", at)) {
                text.append(user);
                from = at + 2;
            } else {
                text.append('%');
                from = at + 1;
            }
        }
        return text.append(level, from, level.length()).toString();
    }

    boolean namesClient() {
        return texts.stream().anyMatch(TopicLevels::namesClient);
    }

    boolean namesUser() {
        return texts.stream().anyMatch(TopicLevels::namesUser);
    }

    private static boolean namesClient(String level) {
        return level.contains("%c");
    }

    private static boolean namesUser(String level) {
        return level.contains("%u");
    }

    /**
     * Whether every topic that a filter matches is one that these levels match (section 4.7). Topics that begin with
     * {@code $} are matched only by levels that do.
     */
    boolean cover(TopicLevels filter) {
        for (int i = 0; i < texts.size(); i++) {
            boolean isFirstOfSystem = i == 0 && filter.texts.get(0).startsWith("$");
            if (isMulti(i)) {
                return !isFirstOfSystem;
            }
            if (i >= filter.texts.size() || filter.isMulti(i)) {
                return false;
            }
            boolean matches = isLiteral.get(i)
                    ? filter.isLiteral.get(i) && texts.get(i).equals(filter.texts.get(i))
                    : !isFirstOfSystem;
            if (!matches) {
                return false;
            }
        }
        return texts.size() == filter.texts.size();
    }

    private boolean isMulti(int level) {
        return !isLiteral.get(level) && texts.get(level).equals(MULTI);
    }
}
