package io.sluice.broker.access;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says when to look among those who wait for some who have left. In a flood of logins it is so seldom that each refused one
 * costs a few looks, however many wait. Thread-safe.
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
     * Whether to look for room for a login that does not fit in.
     *
     * @param waiting how many would have to be looked at
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
