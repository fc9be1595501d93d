package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRule.Permission;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        List<AccessRule> own = user.isPresent() ? users.getOrDefault(user.get(), List.of()) : List.of();
        Optional<AccessRule> giving = Optional.empty();
        for (List<AccessRule> rules : List.of(everybody, own)) {
            for (AccessRule rule : rules) {
                boolean denies = rule.permission() == Permission.DENY;
                boolean matters =
                        denies || (giving.isEmpty() && rule.permission().concerns(action));
                if (matters && rule.isAbout(asked, user, client)) {
                    if (denies) {
                        return new Decision(false, Optional.of(rule));
                    }
                    giving = Optional.of(rule);
                }
            }
        }
        return new Decision(giving.isPresent(), giving);
    }
}
