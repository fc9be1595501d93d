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
        /** Offer them again when {@link SharedBuffer#whenFree there is free space}. */
        WAIT,
        /** Refuse them: the publisher must learn that they were not taken. */
        REJECT,
        /** Refuse the first of them, which is larger than the buffer; offer those behind it again. */
        REJECT_ONE,
        /** They are dropped and counted: treat them as if they had been safe. */
        DROP,
        /** The first of them, which is larger than the buffer, is dropped and counted; offer those behind it again. */
        DROP_ONE;

        /** Whether what is concerned must be refused. */
        public boolean isRefusal() {
            return this == REJECT || this == REJECT_ONE;
        }
    }

    /**
     * How many messages, counted from the first, need not be offered again.
     *
     * @param offered how many there were
     */
    public int settled(int offered) {
        return switch (rest) {
            case NONE, REJECT, DROP -> offered;
            case WAIT -> accepted;
            case REJECT_ONE, DROP_ONE -> accepted + 1;
        };
    }
}
