package io.sluice.broker.access;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.sluice.broker.access.AccessRule.Action;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Who may read and write which topics: the front door and Moquette ask the same instance. Thread-safe. */
final class Rights implements IAuthorizatorPolicy {

    private final Optional<FollowedRules<AccessRules>> rules;
    private final AtomicInteger version = new AtomicInteger();

    private Rights(Optional<FollowedRules<AccessRules>> rules) {
        this.rules = rules;
    }

    /**
     * The rules of a file; without one everything is allowed.
     *
     * @throws AccessException if it cannot be read or understood
     */
    static Rights of(Optional<Path> file) {
        return new Rights(file.map(path -> new FollowedRules<>("ACL file", path, AclFile::parse)));
    }

    /** A number that changes whenever an answer may change. */
    int version() {
        return version.get();
    }

    /** Looks at the file again; returns whether the rules have changed. */
    boolean look() {
        boolean isChanged = rules.isPresent() && rules.get().look();
        if (isChanged) {
            version.incrementAndGet();
        }
        return isChanged;
    }

    @Override
    public boolean canWrite(Topic topic, @Nullable String user, String client) {
        return may(Action.PUBLISH, topic, user, client);
    }

    @Override
    public boolean canRead(Topic topic, @Nullable String user, String client) {
        return may(Action.SUBSCRIBE, topic, user, client);
    }

    private boolean may(Action action, Topic topic, @Nullable String user, String client) {
        return rules.isEmpty()
                || rules.get()
                        .current()
                        .decide(action, topic.toString(), Optional.ofNullable(user), client)
                        .isAllowed();
    }
}
