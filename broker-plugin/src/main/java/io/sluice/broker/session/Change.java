package io.sluice.broker.session;

import java.util.List;
import java.util.OptionalLong;

/**
 * One change of what is stored, as the journal has it. Sessions are named by a key that is never used again, messages
 * by their slot, and moments in milliseconds of the {@link StoreClock}.
 */
sealed interface Change {

    /** A session begins, without subscriptions and with an empty queue: replaces what was known under its key. */
    record SessionBegun(long key, StoredSession session, OptionalLong disconnectedAt) implements Change {}

    record SessionChanged(long key, StoredSession session, OptionalLong disconnectedAt) implements Change {}

    record SessionDeleted(long key) implements Change {}

    record Subscribed(long key, StoredSubscription subscription) implements Change {}

    record Unsubscribed(long key, String filter) implements Change {}

    /** A message lies in a slot; {@code body} is a {@link PublishFormat}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Published(int slot, OptionalLong expiresAt, byte[] body) implements Change {}

    record Queued(long key, QueueEntry entry) implements Change {}

    /** The head of a queue is on its way to the client. */
    record Taken(long key, long sequence) implements Change {}

    record Removed(long key, long sequence) implements Change {}

    /** The message in a slot is retained for a topic. */
    record Retained(int slot, OptionalLong expiresAt, String topic) implements Change {}

    record RetainedCleared(String topic) implements Change {}

    /** A group begins: what came before it was forced before it was written. The heartbeat of the store as well. */
    record GroupBegun(long number, long storeMs, long wallMs) implements Change {}

    /** In a journal that is written anew: the messages are there, sessions and retained messages follow. */
    record StateFollows() implements Change {}

    /** A journal that was written anew holds everything from here on. */
    record Complete() implements Change {}

    /** A change that only a journal that is written anew needs. */
    record Rewritten(Change change) implements Change {}

    record QueueEntry(long sequence, int slot, int qos, boolean retained, boolean sent, List<Integer> identifiers) {}
}
