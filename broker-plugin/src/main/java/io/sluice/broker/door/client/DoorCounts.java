package io.sluice.broker.door.client;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what the front door has refused or delayed since it was opened; {@code DoorStats} says what each stands for.
 * Thread-safe.
 */
public final class DoorCounts {
    public final LongAdder turnedAway = new LongAdder();
    public final LongAdder refusedClients = new LongAdder();
    public final LongAdder closedConnections = new LongAdder();
    public final LongAdder refusedPublishes = new LongAdder();
    public final LongAdder delayedPublishes = new LongAdder();
    public final LongAdder exceedingPublishes = new LongAdder();
    public final LongAdder acceptPauses = new LongAdder();
    public final LongAdder heldOffClients = new LongAdder();
    public final LongAdder wrongPasswords = new LongAdder();
    public final LongAdder delayedLogins = new LongAdder();
}
