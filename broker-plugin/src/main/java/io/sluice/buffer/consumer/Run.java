package io.sluice.buffer.consumer;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.recovery.Openings;
import java.util.OptionalLong;

/**
 * The run of an attachment, as source offsets carry it.
 *
 * @param attachment by which its consumer knows it again
 * @param opening the random identifier of the {@link Openings opening} of the buffer under which it reads; empty in a run that
 *     no buffer gave
 */
public record Run(String attachment, OptionalLong opening) {

    private static final char SEPARATOR = '.';

    /** What a text stands for, which may be anything. */
    public static Run of(String text) {
        int at = text.indexOf(SEPARATOR);
        if (at >= 0) {
            try {
                long opening = Long.parseUnsignedLong(text.substring(at + 1), Character.MAX_RADIX);
                return new Run(text.substring(0, at), OptionalLong.of(opening));
            } catch (NumberFormatException notOurs) {
                // such as an operator's: nobody knows it
            }
        }
        return new Run(text, OptionalLong.empty());
    }

    @Override
    public String toString() {
        return opening.isEmpty()
                ? attachment
                : attachment + SEPARATOR + Long.toUnsignedString(opening.getAsLong(), Character.MAX_RADIX);
    }

    /**
     * What a buffer knows of a run.
     *
     * @param own whether it gave the run to the consumer
     * @param end no position from here on that the buffer holds was read under the run; {@link Long#MAX_VALUE} if that is
     *     not known
     */
    public record Standing(boolean own, long end) {

        /**
         * Checks a position that was read under the run.
         *
         * @throws BufferException if it was read from another copy of this buffer
         */
        public void requireRead(long position) {
            if (position >= end) {
                throw new BufferException(
                        "position " + position + " was read from a later state, or from another copy, of"
                                + " this buffer; now that position holds another message: the"
                                + " folder was restored from an older copy. Bring the right folder back, or alter or reset the"
                                + " connector's offsets");
            }
        }
    }
}
