package io.sluice.broker.door.transport;

/**
 * How much of what clients have sent may wait in memory, as packets that the broker has read and not yet processed.
 *
 * @param maxBytes over all connections of a broker; bytes, positive
 * @param maxBytesPerConnection of one connection; bytes, positive
 */
public record QueueLimits(long maxBytes, long maxBytesPerConnection) {

    private static final long LEAST_MAX_BYTES = 16 << 20;
    private static final int SHARE_OF_HEAP = 8;

    /** @throws IllegalArgumentException if one is not positive */
    public QueueLimits {
        if (maxBytes <= 0 || maxBytesPerConnection <= 0) {
            throw new IllegalArgumentException(
                    "Limits of queued bytes must be positive, unlike " + maxBytes + " and " + maxBytesPerConnection);
        }
    }

    /**
     * An eighth of the largest heap, at least 16 MiB. Packets wait outside the heap, where Netty takes as much as the
     * heap may have; most of that must be left for what is on its way to subscribers.
     */
    public static long defaultMaxBytes() {
        return Math.max(LEAST_MAX_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }
}
