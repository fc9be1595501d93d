package io.sluice.status;

import java.util.concurrent.TimeUnit;

/** Limits how many requests are answered a second: they lock for a moment what brokers need too. For one thread. */
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
