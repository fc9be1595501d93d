package io.sluice.connect.delivery;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

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
    private final int part;
    private final long receivedAtMs;
    private volatile long takenNs;
    private volatile @Nullable String topic;
    private volatile boolean taken;

    @SuppressWarnings("unused") // through STATE
    private volatile int state;

    /**
     * @param part its number among the records of its message
     * @param receivedAtMs when the broker received its message, milliseconds since the epoch
     */
    Delivery(int lane, long position, int part, long receivedAtMs) {
        this.lane = lane;
        this.position = position;
        this.part = part;
        this.receivedAtMs = receivedAtMs;
    }

    int lane() {
        return lane;
    }

    long position() {
        return position;
    }

    int part() {
        return part;
    }

    long receivedAtMs() {
        return receivedAtMs;
    }

    /**
     * Notes that Kafka Connect looks at the record for the first time: it takes one record of a batch after the other.
     *
     * @param kafkaTopic the topic that the record goes to
     */
    void take(String kafkaTopic) {
        topic = kafkaTopic;
        takenNs = System.nanoTime();
        taken = true;
    }

    /** Notes that another record, which has not been looked at, stands for the same message. */
    void handAgain() {
        taken = false;
    }

    /** Whether Kafka Connect has looked at the record, so that it may be the one at which it failed. */
    boolean isTaken() {
        return taken;
    }

    String topic() {
        return String.valueOf(topic);
    }

    /** When Kafka Connect first looked at the record, as {@link System#nanoTime} counts. */
    long takenNs() {
        return takenNs;
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

    boolean isSettled() {
        return state != ON_ITS_WAY;
    }

    boolean isSent() {
        return state == SENT;
    }
}
