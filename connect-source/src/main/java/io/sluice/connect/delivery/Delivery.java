package io.sluice.connect.delivery;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A record on its way: where it came from, and whether it has arrived. Kept apart from the record, so that one that
 * waits for an earlier one does not hold its payload. Thread-safe.
 */
final class Delivery {

    private static final AtomicIntegerFieldUpdater<Delivery> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Delivery.class, "state");

    private static final int ON_ITS_WAY = 0;
    private static final int DROPPED = 1;
    private static final int SENT = 2;

    private final int lane;
    private final long position;
    private final long receivedAtMs;

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    /** @param receivedAtMs when the broker received its message, milliseconds since the epoch */
    Delivery(int lane, long position, long receivedAtMs) {
        this.lane = lane;
        this.position = position;
        this.receivedAtMs = receivedAtMs;
    }

    int lane() {
        return lane;
    }

    long position() {
        return position;
    }

    long receivedAtMs() {
        return receivedAtMs;
    }

    /**
     * Notes that nothing more happens to the record.
     *
     * @param sent whether it is in Kafka; false if a transformation or a tolerated failure dropped it
     * @return false if that was known
     */
    boolean settle(boolean sent) {
        return STATE.compareAndSet(this, ON_ITS_WAY, sent ? SENT : DROPPED);
    }

    /** Whether the record is no longer on its way. */
    boolean isSettled() {
        return state != ON_ITS_WAY;
    }

    /** Whether the record is in Kafka. */
    boolean isSent() {
        return state == SENT;
    }
}
