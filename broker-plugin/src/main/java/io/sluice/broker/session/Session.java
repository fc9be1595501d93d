package io.sluice.broker.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** One session in the store. Guarded by its lock. */
final class Session {

    final long key;
    final SessionQueue queue;
    final Map<String, StoredSubscription> subscriptions = new LinkedHashMap<>();
    final LimitLog.Episode refusedSubscriptions = new LimitLog.Episode();
    private StoredSession stored;
    private OptionalLong disconnectedAt;
    private long subscriptionBytes;

    /** @param disconnectedAt when the connection ended, by the store's clock */
    Session(long key, StoredSession stored, OptionalLong disconnectedAt, StoreState state) {
        this.key = key;
        this.stored = stored;
        this.disconnectedAt = disconnectedAt;
        this.queue = new SessionQueue(key, stored.clientId(), state);
    }

    StoredSession stored() {
        return stored;
    }

    OptionalLong disconnectedAt() {
        return disconnectedAt;
    }

    void change(StoredSession now, OptionalLong disconnected) {
        stored = now;
        disconnectedAt = disconnected;
    }

    /** Size of all subscriptions, as they lie in the journal. */
    long subscriptionBytes() {
        return subscriptionBytes;
    }

    void put(StoredSubscription subscription) {
        StoredSubscription before = subscriptions.put(subscription.filter(), subscription);
        subscriptionBytes += JournalFormat.size(subscription) - (before == null ? 0 : JournalFormat.size(before));
    }

    /** Removes a subscription; returns how many bytes fewer there are, 0 if there is none. */
    long remove(String filter) {
        StoredSubscription before = subscriptions.remove(filter);
        long freed = before == null ? 0 : JournalFormat.size(before);
        subscriptionBytes -= freed;
        return freed;
    }

    /** Size of the session without its subscriptions, as it lies in the journal. */
    long bytes() {
        return JournalFormat.size(stored);
    }
}
