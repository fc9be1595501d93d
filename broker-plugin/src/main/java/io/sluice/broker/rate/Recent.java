package io.sluice.broker.rate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts how often each of many has done something lately; each time is forgotten after a while, one after the other.
 * Only the most recent of them are remembered. Thread-safe.
 *
 * @param <K> who does it; small, since many are remembered
 */
public final class Recent<K> {

    private final long nanosEach;
    private final int mostTimes;
    /** When all of it is forgotten. */
    private final Map<K, Long> forgottenAt;

    /**
     * @param each how long it takes to forget one time; positive
     * @param mostTimes how often it counts at most, so that it is forgotten within a bounded time
     * @param mostRemembered of how many it is remembered
     */
    public Recent(Duration each, int mostTimes, int mostRemembered) {
        this.nanosEach = each.toNanos();
        this.mostTimes = mostTimes;
        this.forgottenAt = new LinkedHashMap<>(16, 0.75F, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Long> eldest) {
                return size() > mostRemembered;
            }
        };
    }

    /** How often it was done lately. */
    public synchronized int times(K who, long nowNanos) {
        Long until = forgottenAt.get(who);
        return until == null ? 0 : times(until - nowNanos);
    }

    private int times(long leftNanos) {
        return leftNanos <= 0 ? 0 : Math.toIntExact((leftNanos + nanosEach - 1) / nanosEach);
    }

    /** Adds so many times; returns how often it was done lately, with these. */
    public synchronized int add(K who, int times, long nowNanos) {
        Long until = forgottenAt.get(who);
        long left = until == null ? 0 : Math.max(0, until - nowNanos);
        long now = Math.min(left + times * nanosEach, mostTimes * nanosEach);
        forgottenAt.put(who, nowNanos + now);
        return times(now);
    }
}
