package io.sluice.buffer.consumer;

import io.sluice.buffer.record.Lanes;
import java.util.Arrays;
import java.util.Collection;

/**
 * How far those had come, at one moment, who want messages delivered. A set of them is a number of 64 bits: each consumer
 * has one of 64 {@linkplain ConsumerState#place places}. Of more than 64 consumers some share a place, and who waits for one
 * of these waits for the others too. Immutable.
 */
public final class Delivered {

    static final int PLACES = Long.SIZE;

    private static final long[] NOBODY = {};

    /** By place and lane, the last position handled. */
    private final long[][] handled = new long[PLACES][];

    Delivered(Collection<ConsumerState> wanting) {
        Arrays.fill(handled, NOBODY);
        for (ConsumerState consumer : wanting) {
            long[] before = handled[consumer.place];
            long[] own = consumer.handled();
            for (int lane = 0; lane < before.length; lane++) {
                own[lane] = Math.min(own[lane], before[lane]);
            }
            handled[consumer.place] = own;
        }
    }

    /**
     * The last position that all of some consumers have acknowledged in all of some lanes; {@link Long#MAX_VALUE} if none of
     * them is there any more and wants messages delivered.
     *
     * @param consumers as {@link ConsumerRegistry#wantDelivered} says it
     */
    public long last(long consumers, Lanes lanes) {
        long last = Long.MAX_VALUE;
        for (long left = consumers; left != 0; left &= left - 1) {
            long[] byLane = handled[Long.numberOfTrailingZeros(left)];
            if (byLane.length > 0) {
                for (long mask = lanes.mask(); mask != 0; mask &= mask - 1) {
                    last = Math.min(last, byLane[Long.numberOfTrailingZeros(mask)]);
                }
            }
        }
        return last;
    }
}
