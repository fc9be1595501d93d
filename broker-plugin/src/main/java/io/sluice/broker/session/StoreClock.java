package io.sluice.broker.session;

import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time by which sessions and messages age, in milliseconds since the store was first opened. While the store is open
 * it goes with the monotonic clock, whatever the wall clock is set to. For the time during which the store was closed,
 * the wall clock is all there is: what it says counts, but never less than nothing, and nothing if either of its two
 * readings is older than this software, which means that the machine has not learned the time yet.
 *
 * <p>Moments that come from outside or go there are wall-clock times, and are translated by what the wall clock says at
 * that moment. Thread-safe once it was resumed.
 */
final class StoreClock {

    /** A wall clock that says less was not set. */
    static final long CREDIBLE_FROM_MS = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();

    private final InstantSource wall;
    private final LongSupplier nanos;
    private long baseMs;
    private long baseNanos;

    StoreClock(InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.baseNanos = nanos.getAsLong();
    }

    /** Goes on from the last moment at which the store is known to have been open. */
    void resume(long storeMs, long wallMs) {
        long now = wallMs();
        boolean credible = wallMs >= CREDIBLE_FROM_MS && now >= CREDIBLE_FROM_MS;
        baseMs = storeMs + (credible ? Math.max(0, now - wallMs) : 0);
        baseNanos = nanos.getAsLong();
    }

    /** The store's time, in milliseconds. */
    long nowMs() {
        return baseMs + TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - baseNanos);
    }

    long wallMs() {
        return wall.millis();
    }

    long fromWall(long wallMs) {
        return saturated(nowMs(), wallMs, wallMs());
    }

    OptionalLong fromWall(OptionalLong wallMs) {
        return wallMs.isEmpty() ? wallMs : OptionalLong.of(fromWall(wallMs.getAsLong()));
    }

    OptionalLong toWall(OptionalLong storeMs) {
        return storeMs.isEmpty() ? storeMs : OptionalLong.of(saturated(wallMs(), storeMs.getAsLong(), nowMs()));
    }

    /** {@code base + (moment - now)}, where a moment may be as far away as a long allows. */
    private static long saturated(long base, long moment, long now) {
        long away = Math.max(-(1L << 61), Math.min(1L << 61, moment)) - now;
        return base + away;
    }
}
