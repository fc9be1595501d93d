package io.sluice.broker.access;

import java.util.Optional;

/** What lets a client in, for as long as it does. Thread-safe. */
public interface Pass {

    /** Lets its holder in for ever. */
    Pass ALWAYS = Optional::empty;

    /** Why it does not let its holder in any more, a clause; empty: it still does. */
    Optional<String> objection();
}
