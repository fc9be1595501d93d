package io.sluice.broker.rate;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rate of so many a second, on average; a second's worth may come at once.
 *
 * <p>A caller that takes some is told how long to wait before using them, so that callers that share a rate have their
 * turns in the order in which they asked, and each wakes once. Thread-safe, without a lock and without garbage.
 */
public final class Rate {

    private static final long SAVED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double LONGEST_DEBT_NANOS = TimeUnit.DAYS.toNanos(365);
    private static final double LONGEST_CHARGED_DEBT_NANOS = 2.0 * SAVED_NANOS;

    private final double nanosEach;
    /** When a second's worth is saved up again, by the callers' clock. */
    private final AtomicLong fullAt;

    private Rate(long perSecond, long fullAt) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("A rate must be at least 1 a second, unlike " + perSecond);
        }
        this.nanosEach = (double) TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.fullAt = new AtomicLong(fullAt);
    }

    /**
     * A rate of which a second's worth is saved up.
     *
     * @param perSecond at least 1
     * @param nowNanos by {@link System#nanoTime}, or another clock that goes forward only
     */
    public static Rate saved(long perSecond, long nowNanos) {
        return new Rate(perSecond, nowNanos);
    }

    /**
     * A rate of which only one is saved up, so that starting over gains nothing.
     *
     * @param perSecond at least 1
     * @param nowNanos as for {@link #saved}
     */
    public static Rate fresh(long perSecond, long nowNanos) {
        return new Rate(perSecond, nowNanos + SAVED_NANOS - SAVED_NANOS / perSecond);
    }

    /**
     * Takes some.
     *
     * @param count how many, not negative
     * @param nowNanos as for {@link #saved}
     * @return how long to wait before they are used, in nanoseconds; 0: not at all
     */
    public long take(long count, long nowNanos) {
        double cost = count * nanosEach;
        while (true) {
            long before = fullAt.get();
            double debt = Math.max(0, before - nowNanos) + cost;
            long after = (long) Math.min(LONGEST_DEBT_NANOS, debt);
            if (fullAt.compareAndSet(before, nowNanos + after)) {
                return Math.max(0, after - SAVED_NANOS);
            }
        }
    }

    /**
     * Gives back some that were taken and are not used.
     *
     * @param count how many, not negative
     */
    public void giveBack(long count) {
        fullAt.addAndGet(-(long) Math.min(LONGEST_DEBT_NANOS, count * nanosEach));
    }

    /**
     * Takes some without a wait. Those that share the rate wait a second longer at most.
     *
     * @param count how many, not negative
     * @param nowNanos as for {@link #saved}
     */
    public void charge(long count, long nowNanos) {
        double cost = count * nanosEach;
        while (true) {
            long before = fullAt.get();
            long owed = Math.max(0, before - nowNanos);
            long after = Math.max(owed, (long) Math.min(LONGEST_CHARGED_DEBT_NANOS, owed + cost));
            if (fullAt.compareAndSet(before, nowNanos + after)) {
                return;
            }
        }
    }
}
