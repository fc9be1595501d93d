package io.sluice.buffer;

/**
 * The buffer's immediate answer to an append.
 *
 * @param accepted how many messages, counted from the first, have a position in the log; the {@link AppendListener}
 *     hears of these
 * @param rest what becomes of the next one behind them, and of all others that are settled
 * @param settled how many messages, counted from the first, need not be offered again: all of them, unless the rest is to
 *     wait, or the next one is alone larger than the buffer
 */
public record Admission(int accepted, Rest rest, int settled) {

    /** What becomes of messages that the buffer did not accept. */
    public enum Rest {
        /** There are no others. */
        NONE,
        /** Offer it again when {@link SharedBuffer#whenFree there is free space}. */
        WAIT,
        /** Refuse it: the publisher must learn that it was not taken. */
        REJECT,
        /** It is dropped and counted: treat it as if it had been safe. */
        DROP
    }
}
