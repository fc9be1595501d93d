package io.sluice.buffer.record;

/**
 * Positions that a consumer should have read and that the buffer no longer has.
 *
 * @param from the first position lost
 * @param to the position after the last one lost
 * @param cause why, in a sentence for the operator
 */
public record Gap(long from, long to, String cause) {

    /** How many positions were lost, over all lanes and filters. */
    public long count() {
        return to - from;
    }
}
