package io.sluice.broker.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The levels of a topic, a filter or a rule. In a rule {@code %c} and {@code %u} may stand for a client identifier and
 * a user name; no character of such a name is a wildcard. Immutable and thread-safe.
 */
final class TopicLevels {

    private static final String MULTI = "#";
    private static final String SINGLE = "+";
    private static final String SYSTEM = "$";

    private final List<Level> levels;
    final boolean namesClient;
    final boolean namesUser;

    /**
     * @param isLiteral whether it stands for itself, also if it is {@code +} or {@code #}
     * @param isNamed whether a name is inserted into it
     */
    private record Level(String text, boolean isLiteral, boolean isNamed) {

        boolean isMulti() {
            return !isLiteral && text.equals(MULTI);
        }
    }

    private TopicLevels(List<Level> levels) {
        this.levels = levels;
        this.namesClient = names("%c");
        this.namesUser = names("%u");
    }

    private boolean names(String placeholder) {
        return levels.stream().anyMatch(level -> level.isNamed && level.text.contains(placeholder));
    }

    static TopicLevels of(String filter) {
        return new TopicLevels(Arrays.stream(filter.split("/", -1))
                .map(text -> new Level(text, !text.equals(SINGLE) && !text.equals(MULTI), false))
                .toList());
    }

    /** The levels of a rule in which {@code %c} and {@code %u} stand for names. */
    static TopicLevels ofPattern(String filter) {
        return new TopicLevels(of(filter).levels.stream()
                .map(level ->
                        new Level(level.text, level.isLiteral, level.text.contains("%c") || level.text.contains("%u")))
                .toList());
    }

    /** The levels with names inserted; a name may be several levels. */
    TopicLevels spelled(String client, String user) {
        List<Level> spelled = new ArrayList<>();
        for (Level level : levels) {
            if (level.isNamed) {
                for (String text : named(level.text, client, user).split("/", -1)) {
                    spelled.add(new Level(text, true, false));
                }
            } else {
                spelled.add(level);
            }
        }
        return new TopicLevels(spelled);
    }

    /** In one go: a client identifier may hold {@code %u}. */
    private static String named(String level, String client, String user) {
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

    /** Whether {@link #cover(TopicLevels, String, String)} is true where no level takes a name. */
    boolean cover(TopicLevels filter) {
        return cover(filter, "", "");
    }

    /**
     * Whether every topic that a filter matches is one that these levels match (section 4.7), with names in place of
     * {@code %c} and {@code %u}. Topics that begin with {@code $} are matched only by levels that do, as they are written:
     * clients choose their names.
     *
     * @param client without {@code /}
     * @param user without {@code /}
     */
    boolean cover(TopicLevels filter, String client, String user) {
        boolean isOfSystem = filter.levels.get(0).text.startsWith(SYSTEM);
        for (int i = 0; i < levels.size(); i++) {
            Level own = levels.get(i);
            boolean isFirstOfSystem = i == 0 && isOfSystem;
            if (own.isMulti()) {
                return !isFirstOfSystem;
            }
            if (i >= filter.levels.size() || filter.levels.get(i).isMulti()) {
                return false;
            }
            Level asked = filter.levels.get(i);
            boolean matches = (!isFirstOfSystem || own.text.startsWith(SYSTEM))
                    && (!own.isLiteral
                            || (asked.isLiteral
                                    && asked.text.equals(own.isNamed ? named(own.text, client, user) : own.text)));
            if (!matches) {
                return false;
            }
        }
        return levels.size() == filter.levels.size();
    }
}
