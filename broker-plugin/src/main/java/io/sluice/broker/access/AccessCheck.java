package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRules.Decision;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells people who write an ACL file what it allows, and which line decides.
 *
 * @param isAllowed whether it may be done
 * @param sentence the same in words, with the line that decides
 */
public record AccessCheck(boolean isAllowed, String sentence) {

    /**
     * Whether a client may publish to a topic.
     *
     * @throws AccessException if the file cannot be read or understood
     */
    public static AccessCheck publish(Path aclFile, Optional<String> user, String client, String topic) {
        return check(aclFile, Action.PUBLISH, topic, user, client);
    }

    /**
     * Whether a client may subscribe to a filter.
     *
     * @throws AccessException if the file cannot be read or understood
     */
    public static AccessCheck subscribe(Path aclFile, Optional<String> user, String client, String filter) {
        return check(aclFile, Action.SUBSCRIBE, filter, user, client);
    }

    private static AccessCheck check(Path file, Action action, String topic, Optional<String> user, String client) {
        Decision decision = AclFile.read(file).decide(action, topic, user, client);
        return new AccessCheck(
                decision.isAllowed(),
                decision.by()
                        .map(rule -> (decision.isAllowed() ? "Yes" : "No") + ", by line " + rule.line() + " of " + file
                                + ": " + rule.text())
                        .orElse("No: no line of " + file + " allows it"));
    }
}
