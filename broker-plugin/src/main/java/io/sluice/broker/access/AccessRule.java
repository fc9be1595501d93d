package io.sluice.broker.access;

import java.util.Optional;

/**
 * A line of the ACL file that grants or denies a right. Immutable and thread-safe.
 *
 * @param line where it stands, from 1
 * @param text as it is written
 * @param permission what it grants or denies
 * @param levels its topics
 * @param isPattern whether {@code %c} and {@code %u} stand for the client and its user
 */
record AccessRule(int line, String text, Permission permission, TopicLevels levels, boolean isPattern) {

    enum Action {
        PUBLISH,
        SUBSCRIBE
    }

    enum Permission {
        READ,
        WRITE,
        READWRITE,
        DENY;

        boolean concerns(Action action) {
            return switch (this) {
                case READ -> action == Action.SUBSCRIBE;
                case WRITE -> action == Action.PUBLISH;
                case READWRITE, DENY -> true;
            };
        }
    }

    /**
     * Whether it covers everything that a topic or filter stands for. A name with a {@code /} is not a level: a rule
     * that grants by such a name grants nothing, and one that denies denies the topic that it spells.
     */
    boolean isAbout(TopicLevels asked, Optional<String> user, String client) {
        if (!isPattern) {
            return levels.cover(asked);
        }
        boolean isNamed =
                (!levels.namesUser || user.filter(name -> !name.isEmpty()).isPresent())
                        && (!levels.namesClient || !client.isEmpty());
        if (!isNamed) {
            return false;
        }
        String name = user.orElse("");
        boolean isSeveral =
                (levels.namesUser && name.indexOf('/') >= 0) || (levels.namesClient && client.indexOf('/') >= 0);
        if (permission == Permission.DENY && (isSeveral || client.startsWith("$") || name.startsWith("$"))) {
            return levels.spelled(client, name).cover(asked);
        }
        return !isSeveral && levels.cover(asked, client, name);
    }
}
