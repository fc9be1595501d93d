package io.sluice.remote;

/**
 * An array for what is copied again and again: a new one for each batch would have to be cleared and collected, which
 * costs more than the copy. Not thread-safe.
 */
final class ReusedArray {

    /** A longer one is of one very long record, and is not kept. */
    private static final int LONGEST_KEPT = (1 << 20) + (4 << 10);

    private byte[] kept = {};

    /** An array of at least so many bytes, which may be the one that was given before, with what it holds. */
    byte[] of(int bytes) {
        if (bytes > LONGEST_KEPT) {
            return new byte[bytes];
        }
        if (bytes > kept.length) {
            kept = new byte[Math.max(bytes, Math.min(2 * kept.length, LONGEST_KEPT))];
        }
        return kept;
    }
}
