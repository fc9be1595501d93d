package io.sluice.remote;

import java.time.Duration;

/**
 * Says whether the network is so slow that it pays to compress. Where it takes as much as a reader of the log finds,
 * compression costs a processor more than it saves. Not thread-safe.
 */
final class NetworkPace {

    /** It decides again after so much was sent. */
    private static final long ROUND_BYTES = 4 << 20;

    /** Whoever waits for the network so long in a round sends less than about 20 MB/s. */
    private static final long SLOW_NANOS = Duration.ofMillis(200).toNanos();

    /** Who compresses and waits no longer has a network that would take all of it as it is. */
    private static final long FAST_NANOS = Duration.ofMillis(5).toNanos();

    private long bytes;
    private long waitedNanos;
    private boolean slow;

    /** Something was sent, before it was compressed, after a wait for the network to take it. */
    void sent(int sentBytes, long waited) {
        bytes += sentBytes;
        waitedNanos += waited;
        if (bytes >= ROUND_BYTES) {
            slow = slow ? waitedNanos > FAST_NANOS : waitedNanos > SLOW_NANOS;
            bytes = 0;
            waitedNanos = 0;
        }
    }

    boolean isSlow() {
        return slow;
    }
}
