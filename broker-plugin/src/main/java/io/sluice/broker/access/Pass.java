package io.sluice.broker.access;

import java.time.Instant;
import java.util.Optional;

/** What lets a client in, for as long as it does. Thread-safe. */
public interface Pass {

    /** Lets its holder in for ever. */
    Pass ALWAYS = Optional::empty;

    /** Why it does not let its holder in any more, a clause; empty: it still does. */
    Optional<String> objection();

    /** When it will have an objection, if that is known. */
    default Optional<Instant> endsAt() {
        return Optional.empty();
    }

    /** Whether it lets its holder publish to a topic; the rules must allow it too. */
    default boolean mayPublish(String topic) {
        return true;
    }

    /** Another number whenever {@link #mayPublish} may decide otherwise than before. */
    default int version() {
        return 0;
    }

    /** Whether it lets its holder have what a filter matches; the rules must allow it too. */
    default boolean mayRead(String filter) {
        return true;
    }
}
