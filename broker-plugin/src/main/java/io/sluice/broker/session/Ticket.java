package io.sluice.broker.session;

import org.jspecify.annotations.Nullable;

/** Remembers in which slot of one store a message lies, as long as it does. The slot is guarded by that store's lock. */
final class Ticket {

    static final int GONE = -1;

    private final Publishes owner;
    private int slot = GONE;
    private @Nullable Ticket next;

    Ticket(Publishes owner) {
        this.owner = owner;
    }

    boolean isOf(Publishes asking) {
        return owner == asking;
    }

    /** The message's slot, or {@link #GONE}. */
    int slot() {
        return slot;
    }

    void begin(int of) {
        slot = of;
    }

    void end() {
        slot = GONE;
    }

    /** The message's ticket of another store. */
    @Nullable
    Ticket next() {
        return next;
    }

    /** Only before other threads see this one. */
    void putBefore(@Nullable Ticket others) {
        next = others;
    }
}
