package io.sluice.broker.door.publish;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that packet identifiers take until clients release them, and how many a client may have.
 *
 * <p>A client may have as many as fit into a fixed share of the memory that is left, and {@link #LEAST} in any case. So
 * a client that never releases is refused while there is space for others, which release. Thread-safe.
 */
final class UnreleasedMemory {

    /** What one identifier takes, here and in the buffer's ledger, in bytes. */
    static final int BYTES_EACH = 208;

    /** So many a client may always have. */
    static final int LEAST = 16;

    private static final int SHARE_OF_FREE = 8;
    private static final int SHARE_OF_HEAP = 16;
    private static final long LEAST_BYTES = 8 << 20;

    private final long maxBytes;
    private final AtomicLong held = new AtomicLong();

    /** @param maxBytes of all of them; positive */
    UnreleasedMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** A sixteenth of the largest heap, at least 8 MiB. */
    static long defaultMaxBytes() {
        return Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** Whether a client that has so many may have one more. */
    boolean mayHaveMoreThan(int has) {
        return has < LEAST || (long) has * BYTES_EACH < (maxBytes - held.get()) / SHARE_OF_FREE;
    }

    void add(int identifiers) {
        held.addAndGet((long) identifiers * BYTES_EACH);
    }
}
