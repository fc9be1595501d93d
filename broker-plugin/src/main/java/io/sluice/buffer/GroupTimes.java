package io.sluice.buffer;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How large the groups of the last half minute to minute were, and how long it took to make them safe: the half minute
 * that runs and the one before, as Kafka's own metrics do. Thread-safe.
 */
final class GroupTimes {

    private static final long HALF_NS = Duration.ofSeconds(30).toNanos();
    private static final double NS_PER_MS = 1e6;

    private final LongSupplier nanoTime;
    private HalfMinute before;
    private HalfMinute running;

    /** @param nanoTime a clock as {@link System#nanoTime} */
    GroupTimes(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.running = new HalfMinute(nanoTime.getAsLong());
        this.before = new HalfMinute(running.beganNs);
    }

    long now() {
        return nanoTime.getAsLong();
    }

    synchronized void add(long records, long tookNs) {
        advance();
        running.groups++;
        running.records += records;
        running.mostRecords = Math.max(running.mostRecords, records);
        running.tookNs += tookNs;
        running.longestNs = Math.max(running.longestNs, tookNs);
    }

    synchronized BufferStats.RecentGroups recent() {
        advance();
        long groups = before.groups + running.groups;
        if (groups == 0) {
            return new BufferStats.RecentGroups(0, 0, 0, 0);
        }
        return new BufferStats.RecentGroups(
                (double) (before.records + running.records) / groups,
                Math.max(before.mostRecords, running.mostRecords),
                (before.tookNs + running.tookNs) / NS_PER_MS / groups,
                Math.max(before.longestNs, running.longestNs) / NS_PER_MS);
    }

    private void advance() {
        long age = now() - running.beganNs;
        if (age >= HALF_NS) {
            before = age < 2 * HALF_NS ? running : new HalfMinute(running.beganNs);
            running = new HalfMinute(now());
        }
    }

    /** Sums over half a minute, or longer if nothing was asked or added meanwhile. */
    private static final class HalfMinute {

        private final long beganNs;
        private long groups;
        private long records;
        private long mostRecords;
        private long tookNs;
        private long longestNs;

        private HalfMinute(long beganNs) {
            this.beganNs = beganNs;
        }
    }
}
