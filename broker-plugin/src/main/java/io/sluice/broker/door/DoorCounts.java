package io.sluice.broker.door;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what the front door has refused or delayed since it was opened. Thread-safe.
 *
 * @param turnedAway connections that were closed before a CONNECT came that could be understood
 * @param refusedClients clients that were refused when they wanted to connect
 * @param closed connections that were closed for what their clients did, or did not do
 * @param refusedPublishes publishes that were refused, with or without closing the connection
 * @param delayedPublishes publishes that had to wait because a publish limit was exceeded
 * @param exceedingPublishes publishes that were refused because a publish limit was exceeded
 * @param pauses how often the listeners have stopped accepting for a moment, because clients connected too often
 * @param heldOff clients that were refused because they connected too often, or tried too many passwords at once
 * @param wrongPasswords logins with a wrong user name or password
 * @param delayedLogins logins that have waited, because of wrong passwords before
 */
record DoorCounts(
        LongAdder turnedAway,
        LongAdder refusedClients,
        LongAdder closed,
        LongAdder refusedPublishes,
        LongAdder delayedPublishes,
        LongAdder exceedingPublishes,
        LongAdder pauses,
        LongAdder heldOff,
        LongAdder wrongPasswords,
        LongAdder delayedLogins) {

    DoorCounts() {
        this(
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder(),
                new LongAdder());
    }
}
