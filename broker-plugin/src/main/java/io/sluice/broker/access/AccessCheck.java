package io.sluice.broker.access;

import io.sluice.broker.access.AccessRule.Action;
import io.sluice.broker.access.AccessRules.Decision;
import java.nio.file.Path;
import java.util.Optional;

/** Tells people who write an ACL file what it allows, and which line decides. Immutable and thread-safe. */
public final class AccessCheck {

    private final Path file;
    private final AccessRules rules;

    private AccessCheck(Path file, AccessRules rules) {
        this.file = file;
        this.rules = rules;
    }

    /**
     * An answer.
     *
     * @param isAllowed whether it may be done
     * @param sentence the same in words, with the line that decides
     */
    public record Answer(boolean isAllowed, String sentence) {}

    /**
     * Reads a file.
     *
     * @throws AccessException if it cannot be read or understood
     */
    public static AccessCheck of(Path aclFile) {
        return new AccessCheck(aclFile, AclFile.read(aclFile));
    }

    /** Whether a client may publish to a topic. */
    public Answer publish(Optional<String> user, String client, String topic) {
        return answer(Action.PUBLISH, topic, user, client);
    }

    /** Whether a client may subscribe to a filter. */
    public Answer subscribe(Optional<String> user, String client, String filter) {
        return answer(Action.SUBSCRIBE, filter, user, client);
    }

    private Answer answer(Action action, String topic, Optional<String> user, String client) {
        Decision decision = rules.decide(action, topic, user, client);
        return new Answer(
                decision.isAllowed(),
                decision.by()
                        .map(rule -> (decision.isAllowed() ? "Yes" : "No") + ", by line " + rule.line() + " of " + file
                                + ": " + rule.text())
                        .orElse("No: no line of " + file + " allows it"));
    }
}
