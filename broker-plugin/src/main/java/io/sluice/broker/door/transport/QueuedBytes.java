package io.sluice.broker.door.transport;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the waiting packets of all connections hold, and how much of it a connection may hold.
 *
 * <p>A connection may hold a fixed share of what is left to all, and no more than its own limit. So connections that
 * publish without end leave space for those that publish little. A connection that holds nothing is always read, and
 * one that holds something waits for its own progress, so none has to be woken when others give memory back. The price:
 * when nothing is left, the bound is exceeded by one small read of each connection that held nothing, or by one packet
 * of it if that is larger. Thread-safe.
 */
public final class QueuedBytes {

    private static final int SHARE_OF_FREE = 8;

    private final QueueLimits limits;
    private final AtomicLong held = new AtomicLong();

    public QueuedBytes(QueueLimits limits) {
        this.limits = limits;
    }

    void add(long bytes) {
        held.addAndGet(bytes);
    }

    /** What all connections hold, in bytes. */
    public long held() {
        return held.get();
    }

    /** The most that a connection may hold now, in bytes, not negative. */
    long allowance() {
        long share = (limits.maxBytes() - held.get()) / SHARE_OF_FREE;
        return Math.max(0, Math.min(limits.maxBytesPerConnection(), share));
    }
}
