package io.sluice.buffer;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A buffer at one moment. Counts begin with its opening.
 *
 * @param start the first position held
 * @param end the position after the last one that can be read
 * @param bytes size of all segments
 * @param maxBytes size at which the overflow policy decides
 * @param segments how many segments there are
 * @param full whether a message has found no room
 * @param stalled whether the disk takes nothing
 * @param appended messages accepted
 * @param rejected messages refused
 * @param groups groups made safe, each with one force
 * @param dropped messages, or positions, that were lost, by reason
 * @param consumers who is known, by name
 */
public record BufferStats(
        long start,
        long end,
        long bytes,
        long maxBytes,
        int segments,
        boolean full,
        boolean stalled,
        long appended,
        long rejected,
        long groups,
        Map<DropReason, Long> dropped,
        List<Consumer> consumers) {

    public BufferStats {
        dropped = Map.copyOf(dropped);
        consumers = List.copyOf(consumers);
    }

    /**
     * One consumer.
     *
     * @param attached whether it drains the buffer now
     * @param expired whether it was away for so long that it holds nothing back
     * @param floor the first position it may still need
     * @param unattached how long it was not attached while the buffer was open
     */
    public record Consumer(String name, boolean attached, boolean expired, long floor, Duration unattached) {}
}
