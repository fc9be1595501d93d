package io.sluice.broker.door;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the front door has refused or delayed since it was opened. Thread-safe. */
final class DoorCounts {

    private final LongAdder turnedAway = new LongAdder();
    private final LongAdder refusedClients = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder refusedPublishes = new LongAdder();
    private final LongAdder delayedPublishes = new LongAdder();
    private final LongAdder exceedingPublishes = new LongAdder();
    private final LongAdder pauses = new LongAdder();
    private final LongAdder heldOff = new LongAdder();
    private final LongAdder wrongPasswords = new LongAdder();
    private final LongAdder delayedLogins = new LongAdder();

    /** Connections that were closed before a CONNECT came that could be understood. */
    LongAdder turnedAway() {
        return turnedAway;
    }

    /** Clients that were refused when they wanted to connect. */
    LongAdder refusedClients() {
        return refusedClients;
    }

    /** Connections that were closed for what their clients did, or did not do. */
    LongAdder closed() {
        return closed;
    }

    /** Publishes that were refused, with or without closing the connection. */
    LongAdder refusedPublishes() {
        return refusedPublishes;
    }

    /** Publishes that had to wait because a publish limit was exceeded. */
    LongAdder delayedPublishes() {
        return delayedPublishes;
    }

    /** Publishes that were refused because a publish limit was exceeded. */
    LongAdder exceedingPublishes() {
        return exceedingPublishes;
    }

    /** How often the listeners have stopped accepting for a moment, because clients connected too often. */
    LongAdder pauses() {
        return pauses;
    }

    /** Logins with a wrong user name or password. */
    LongAdder wrongPasswords() {
        return wrongPasswords;
    }

    /** Logins that have waited, because of wrong passwords before. */
    LongAdder delayedLogins() {
        return delayedLogins;
    }

    /** Clients that were refused because they connected too often, or tried too many passwords at once. */
    LongAdder heldOff() {
        return heldOff;
    }
}
