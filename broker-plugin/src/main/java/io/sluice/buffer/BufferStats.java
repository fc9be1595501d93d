package io.sluice.buffer;

import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.buffer.record.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A buffer at one moment. Counts begin with its opening.
 *
 * @param start the first position held
 * @param end the position after the last one that can be read
 * @param bytes size of all segments
 * @param maxBytes size at which the overflow policy decides
 * @param full whether a message has found no free space
 * @param stalled whether the disk takes nothing
 * @param failure why the writer has ended by an error, in a sentence: nothing more is taken until the buffer is opened again
 * @param withheld appends whose publishers wait to hear that their messages are safe, because no consumer is attached or
 *     because Kafka has them not yet; an append is what one connection published at a time
 * @param appended messages accepted
 * @param appendedBytes what they take in the log
 * @param groups groups made safe, each with one force
 * @param recentGroups those of the last half minute to minute
 * @param dropped messages, or positions, that were lost, by reason
 * @param births births of Sparkplug B that are remembered
 * @param forgottenBirths births that were forgotten although somebody may need them
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
        Optional<String> failure,
        int withheld,
        long appended,
        long appendedBytes,
        long rejected,
        long groups,
        RecentGroups recentGroups,
        Map<DropReason, Long> dropped,
        int births,
        long forgottenBirths,
        List<ConsumerStats> consumers) {

    public BufferStats {
        dropped = Map.copyOf(dropped);
        consumers = List.copyOf(consumers);
    }

    public boolean stopped() {
        return failure.isPresent();
    }

    /**
     * Groups that were made safe lately; all zero if there were none.
     *
     * @param averageRecords records in a group
     * @param mostRecords records in the largest
     * @param averageMs milliseconds to write and force a group
     * @param longestMs the longest of them
     */
    public record RecentGroups(double averageRecords, long mostRecords, double averageMs, double longestMs) {}
}
