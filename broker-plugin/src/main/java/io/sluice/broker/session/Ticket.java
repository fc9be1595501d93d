package io.sluice.broker.session;

import org.jspecify.annotations.Nullable;

/** Remembers in which slot of which store a message lies, as long as it does. Guarded by that store's lock. */
final class Ticket {

    static final int GONE = -1;
    static final Ticket NONE = new Ticket(null, GONE);

    private final @Nullable Publishes owner;
    private int slot;

    Ticket(@Nullable Publishes owner, int slot) {
        this.owner = owner;
        this.slot = slot;
    }

    /** The message's slot, or {@link #GONE}. */
    int slot(Publishes asking) {
        return owner == asking ? slot : GONE;
    }

    void end() {
        slot = GONE;
    }
}
