package io.sluice.broker.access;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says when to search the waiting logins for clients that have left. However many logins wait, a flood of refused ones causes
 * so few searches that each of them costs a few looks. Thread-safe.
 */
final class SweepPace {

    private static final int LOOKS_EACH = 16;
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicLong nextNanos;

    SweepPace(long nowNanos) {
        nextNanos = new AtomicLong(nowNanos);
    }

    /**
     * Whether to search on behalf of a login that does not fit in.
     *
     * @param waiting how many logins the search would look at
     * @param nowNanos by {@link System#nanoTime}
     */
    boolean isDue(int waiting, long nowNanos) {
        boolean isDue = refused.incrementAndGet() >= waiting / LOOKS_EACH || nowNanos - nextNanos.get() >= 0;
        if (isDue) {
            refused.set(0);
            nextNanos.set(nowNanos + LONGEST_NANOS);
        }
        return isDue;
    }
}
