package io.sluice.broker.door;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what the front door has refused or delayed since it was opened; {@link DoorStats} says what each stands for.
 * Thread-safe.
 */
final class DoorCounts {
    final LongAdder turnedAway = new LongAdder();
    final LongAdder refusedClients = new LongAdder();
    final LongAdder closedConnections = new LongAdder();
    final LongAdder refusedPublishes = new LongAdder();
    final LongAdder delayedPublishes = new LongAdder();
    final LongAdder exceedingPublishes = new LongAdder();
    final LongAdder acceptPauses = new LongAdder();
    final LongAdder heldOffClients = new LongAdder();
    final LongAdder wrongPasswords = new LongAdder();
    final LongAdder delayedLogins = new LongAdder();
}
