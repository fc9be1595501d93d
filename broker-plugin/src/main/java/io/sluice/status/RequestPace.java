package io.sluice.status;

import java.util.concurrent.TimeUnit;

/**
 * How many requests are answered: what they look at is locked for a moment, and brokers need it too. For one thread.
 */
final class RequestPace {

    static final int MOST_PER_SECOND = 200;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private long begunNanos = System.nanoTime();
    private int answered;

    /** Whether one more is answered now. */
    boolean admits() {
        long now = System.nanoTime();
        if (now - begunNanos >= SECOND_NANOS) {
            begunNanos = now;
            answered = 0;
        }
        return answered++ < MOST_PER_SECOND;
    }
}
