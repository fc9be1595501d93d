package io.sluice.broker.session;

import java.util.Map;
import java.util.Optional;

/**
 * What the session store holds, and what it has dropped and refused since it was opened.
 *
 * @param sessions sessions
 * @param subscriptions subscriptions of all sessions, with those that end with their connections
 * @param queuedMessages messages in all queues; one that several queues hold counts in each
 * @param queuedBytes their bytes, counted in each queue
 * @param retainedMessages retained messages
 * @param retainedBytes their bytes
 * @param storedBytes bytes of everything, a message that several queues hold counted once
 * @param dropped messages that left a queue without being delivered, with those of sessions that end with their connections, by
 *     reason; each reason has a count
 * @param refused what was refused, by reason; each reason has a count
 * @param journalBytes size of the file on disk; 0 in memory
 * @param failures writes and forces that the disk has failed
 * @param failure why nothing more is written until the store is opened again, in a sentence, if an error has stopped it
 */
public record SessionStats(
        int sessions,
        long subscriptions,
        long queuedMessages,
        long queuedBytes,
        int retainedMessages,
        long retainedBytes,
        long storedBytes,
        Map<QueueLoss, Long> dropped,
        Map<Refusal, Long> refused,
        long journalBytes,
        long failures,
        Optional<String> failure) {

    public SessionStats {
        dropped = Map.copyOf(dropped);
        refused = Map.copyOf(refused);
    }

    /** Whether an error has stopped it. */
    public boolean stopped() {
        return failure.isPresent();
    }

    public long refused(Refusal reason) {
        return refused.getOrDefault(reason, 0L);
    }

    /** Messages that left a queue without being delivered, for whatever reason. */
    public long droppedInAll() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }
}
