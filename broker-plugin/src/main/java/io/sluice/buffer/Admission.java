package io.sluice.buffer;

/**
 * The buffer's immediate answer to an append.
 *
 * @param accepted how many messages, counted from the first, have a position in the log; the {@link AppendListener}
 *     hears of these
 * @param rest what becomes of the others, if any
 */
public record Admission(int accepted, Rest rest) {

    /** What becomes of messages that the buffer did not accept. */
    public enum Rest {
        /** There are no others. */
        NONE,
        /** Offer them again when {@link SharedBuffer#whenRoom there is room}. */
        WAIT,
        /** Refuse them: the publisher must learn that they were not taken. */
        REJECT,
        /** They are dropped and counted: treat them as if they had been safe. */
        DROP
    }
}
