package io.sluice.tools.bench;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for the moments at which something is to happen. One thread uses it. */
final class Schedule {

    private final long beginNanos = System.nanoTime();
    private final long endNanos;

    Schedule(long forNanos) {
        endNanos = beginNanos + forNanos;
    }

    /** A moment, by {@link System#nanoTime}. */
    long at(long sinceBeginNanos) {
        return beginNanos + sinceBeginNanos;
    }

    /** Waits for a moment; returns whether it is before the end. */
    boolean await(long moment) {
        if (moment - endNanos >= 0 || Thread.currentThread().isInterrupted()) {
            return false;
        }
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return true;
    }

    /** Waits until so much is free, and takes it; returns false if the end comes first. */
    boolean await(Semaphore free, int wanted) {
        try {
            return free.tryAcquire(wanted, Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
