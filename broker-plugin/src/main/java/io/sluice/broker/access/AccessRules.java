package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRule.Permission;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may publish and subscribe to what. A rule that denies overrides all that grant. Without one, a single rule that
 * grants is enough; without that, nothing is allowed. The order of the lines does not matter. Immutable and
 * thread-safe.
 *
 * @param everybody rules for every client
 * @param users rules for clients of one user, including those of its roles
 */
record AccessRules(List<AccessRule> everybody, Map<String, List<AccessRule>> users) {

    AccessRules {
        everybody = List.copyOf(everybody);
        users = Map.copyOf(users);
    }

    /** @param by the rule that decides; none: no rule allows it */
    record Decision(boolean isAllowed, Optional<AccessRule> by) {}

    /**
     * Whether a client may publish to a topic, or subscribe to all of a filter. Each message is checked again when it
     * is delivered.
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
