package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRule.Permission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who may publish and subscribe to what. A rule that denies wins over all that give; without one, a rule that gives is
 * enough; without that, nothing is allowed. The order of the lines does not matter. Immutable and thread-safe.
 *
 * @param everybody rules for every client
 * @param users rules for clients of one user, those of its roles among them
 */
record AccessRules(List<AccessRule> everybody, Map<String, List<AccessRule>> users) {

    AccessRules {
        everybody = List.copyOf(everybody);
        users = Map.copyOf(users);
    }

    /**
     * What the rules say.
     *
     * @param by the rule that decides; none: no rule allows it
     */
    record Decision(boolean isAllowed, Optional<AccessRule> by) {}

    /**
     * Whether a client may publish to a topic, or subscribe to a filter: to all of it. What a subscription matches is asked
     * about again when it is delivered.
     */
    Decision decide(Action action, String topic, Optional<String> user, String client) {
        TopicLevels asked = TopicLevels.of(topic);
        Optional<AccessRule> denying = find(action, true, asked, user, client);
        if (denying.isPresent()) {
            return new Decision(false, denying);
        }
        Optional<AccessRule> giving = find(action, false, asked, user, client);
        return new Decision(giving.isPresent(), giving);
    }

    private Optional<AccessRule> find(
            Action action, boolean denies, TopicLevels asked, Optional<String> user, String client) {
        return Stream.concat(
                        everybody.stream(),
                        user.map(name -> users.getOrDefault(name, List.of())).stream()
                                .flatMap(List::stream))
                .filter(rule -> (rule.permission() == Permission.DENY) == denies)
                .filter(rule -> rule.permission().concerns(action))
                .filter(rule -> rule.isAbout(asked, user, client))
                .findFirst();
    }
}
