package io.sluice.broker.access;

import java.time.Instant;
import java.util.Optional;

/** The right of an authenticated client to be connected, as long as it holds. Thread-safe. */
public interface AccessGrant {

    /** Holds for ever. */
    AccessGrant ALWAYS = Optional::empty;

    /** Why it no longer holds, a clause; empty while it holds. */
    Optional<String> objection();

    /** When it ends, if that is known. */
    default Optional<Instant> endsAt() {
        return Optional.empty();
    }

    /** Whether it allows its client to publish to a topic; the rules must allow it too. */
    default boolean mayPublish(String topic) {
        return true;
    }

    /** A number that changes whenever {@link #mayPublish} may decide differently. */
    default int version() {
        return 0;
    }

    /** Whether it allows its client to subscribe to a filter; the rules must allow it too. */
    default boolean mayRead(String filter) {
        return true;
    }
}
