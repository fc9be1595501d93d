package io.sluice.broker.session;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is stored, and the lock that guards it. The lock is held for the time of one change, never while a
 * file is touched.
 */
final class StoreState {

    /** How many messages of others one new message may push out: the lock is not to be held for long. */
    private static final int MAX_PUSHED_OUT = 1_000;

    /** What may wait for the disk in the heap before new messages are turned away, in bytes. */
    private static final long MAX_WAITING_BYTES = 32L << 20;

    /** How many changes may wait for the disk before that. */
    private static final int MAX_WAITING = 500_000;

    final ReentrantLock lock = new ReentrantLock();
    final SessionLimits limits;
    final StoreClock clock;
    final LimitLog limitLog;
    final SessionCounters counters = new SessionCounters();
    final PendingChanges pending = new PendingChanges(lock);
    final Publishes publishes = new Publishes(lock, pending);
    final IdentifierLists identifiers = new IdentifierLists();
    final Map<String, Session> sessions = new HashMap<>();
    final AllSubscriptions allSubscriptions;
    final RetainedMessages retained = new RetainedMessages(this);
    private final LimitLog.Episode refusedSessions = new LimitLog.Episode();
    private final LimitLog.Episode refusedSubscriptions = new LimitLog.Episode();
    private final LimitLog.Episode full = new LimitLog.Episode();
    private final LimitLog.Episode unreadable = new LimitLog.Episode();
    private final LimitLog.Episode lostToDisk = new LimitLog.Episode();
    private boolean behind;
    private volatile boolean failing;
    private final AtomicLong turnedAway = new AtomicLong();
    private boolean inHeapOnly = true;
    private long sessionBytes;
    private long subscriptionBytes;
    private long nextKey = 1;
    private @Nullable SessionQueue largest;
    private long largestBytes;

    StoreState(SessionLimits limits, StoreClock clock) {
        this(limits, clock, new AllSubscriptions(limits));
    }

    /** @param allSubscriptions counts those of this store and of others */
    StoreState(SessionLimits limits, StoreClock clock, AllSubscriptions allSubscriptions) {
        this.allSubscriptions = allSubscriptions;
        this.limits = limits;
        this.clock = clock;
        this.limitLog = new LimitLog(clock);
    }

    /** From now on changes are written to a journal; before, the heap is all there is. */
    void beginJournal() {
        pending.begin();
        inHeapOnly = false;
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    <T extends @Nullable Object> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether new messages are turned away, since too much waits for the disk: until half of that is written. An attempt
     * that fails may forget changes that the state holds as well, and writes nothing. A listener that waits for the disk
     * meanwhile may wait for such a message, and must not be told that it is safe.
     */
    boolean isBehind() {
        int share = behind ? 2 : 1;
        // Either may be more: what queues and topics have let go waits, and what a failed attempt has forgotten does
        // not.
        long bytes = Math.max(publishes.bytesInHeap(), pending.waitingBytes());
        boolean isMuch = bytes > MAX_WAITING_BYTES / share || pending.waiting() > MAX_WAITING / share;
        behind = !inHeapOnly && (isMuch || (behind && failing));
        if (!behind) {
            limitLog.end(lostToDisk, () -> "The disk is fast enough again for the queues of MQTT sessions");
        }
        return behind;
    }

    long turnedAway() {
        return turnedAway.get();
    }

    void lostToDisk() {
        turnedAway.incrementAndGet();
        limitLog.count(
                lostToDisk,
                () -> "The disk is too slow for the messages that are queued and retained for MQTT clients: the"
                        + " broker does not acknowledge them");
    }

    /** Whether the disk fails at the moment, so that what cannot be read may be readable later. */
    boolean isFailing() {
        return failing;
    }

    void setFailing(boolean fails) {
        failing = fails;
    }

    StoredPublish decode(Change.Published published) {
        return PublishFormat.decode(published.body(), clock.toWall(published.expiresAt()));
    }

    boolean isExpired(OptionalLong expiresAt) {
        return expiresAt.isPresent() && expiresAt.getAsLong() <= clock.nowMs();
    }

    /** A message cannot be read: one sentence for all of them. */
    void unreadable(Exception cause) {
        locked(() -> limitLog.count(
                unreadable,
                () -> "A stored message cannot be read (" + cause + "): it is dropped, as are others of its kind"));
    }

    /** Size of all that is stored, as it lies in the journal. */
    long storedBytes() {
        return messageBytes() + sessionBytes + subscriptionBytes;
    }

    /** The part of messages. The limit is for them alone: sessions and subscriptions have their own, and must not use it up. */
    long messageBytes() {
        return publishes.bytes() + counters.queuedMessages * JournalFormat.QUEUED_BYTES;
    }

    boolean save(StoredSession stored) {
        Session known = sessions.get(stored.clientId());
        if (known == null) {
            if (sessions.size() >= limits.sessions()
                    || sessionBytes + JournalFormat.size(stored) > limits.sessionBytes()) {
                counters.refuse(Refusal.SESSIONS);
                limitLog.count(
                        refusedSessions,
                        () -> "The limit of sessions is reached, " + limits.sessions() + " or "
                                + limits.sessionBytes() + " bytes of client ids and user names: the broker refuses"
                                + " clients that want a new one that outlives its connection, the first is "
                                + LimitLog.name(stored.clientId()));
                return false;
            }
            limitLog.end(refusedSessions, () -> "New sessions may begin again");
            begin(nextKey, stored, disconnectedAt(stored));
            pending.add(new Change.SessionBegun(nextKey - 1, stored, disconnectedAt(stored)));
            return true;
        }
        // Translated once, so that a wall clock that is set in the meantime does not move the moment.
        boolean sameMoment = stored.disconnectedAtMs().isPresent()
                && stored.disconnectedAtMs().equals(known.stored().disconnectedAtMs());
        OptionalLong disconnectedAt = sameMoment ? known.disconnectedAt() : disconnectedAt(stored);
        change(known, stored, disconnectedAt);
        pending.add(new Change.SessionChanged(known.key, stored, disconnectedAt));
        return true;
    }

    private OptionalLong disconnectedAt(StoredSession stored) {
        return stored.disconnectedAtMs().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.min(
                        clock.nowMs(), clock.fromWall(stored.disconnectedAtMs().getAsLong())));
    }

    /**
     * All connections have ended: those that were open when the store was last open, then. Sessions whose time is over are
     * deleted.
     */
    void connectionsEnded(long lastOpenMs) {
        for (Session session : List.copyOf(sessions.values())) {
            StoredSession stored = session.stored();
            long since = session.disconnectedAt().orElse(lastOpenMs);
            long expiryMs = TimeUnit.SECONDS.toMillis(stored.expirySeconds());
            if (stored.expirySeconds() != StoredSession.NEVER && clock.nowMs() - since >= expiryMs) {
                delete(stored.clientId());
            } else if (session.disconnectedAt().isEmpty()) {
                session.change(stored, OptionalLong.of(lastOpenMs));
                save(asOfToday(session));
            }
        }
    }

    Session begin(long key, StoredSession stored, OptionalLong disconnectedAt) {
        Session session = new Session(key, stored, disconnectedAt, this);
        sessions.put(stored.clientId(), session);
        sessionBytes += session.bytes();
        nextKey = Math.max(nextKey, key + 1);
        return session;
    }

    void change(Session session, StoredSession stored, OptionalLong disconnectedAt) {
        sessionBytes -= session.bytes();
        session.change(stored, disconnectedAt);
        sessionBytes += session.bytes();
    }

    void delete(String clientId) {
        Session session = sessions.get(clientId);
        if (session != null) {
            forget(session);
            pending.add(new Change.SessionDeleted(session.key));
        }
    }

    void forget(Session session) {
        sessions.remove(session.stored().clientId());
        sessionBytes -= session.bytes();
        subscriptionBytes -= session.subscriptionBytes();
        allSubscriptions.add(-session.subscriptions.size(), -session.subscriptionBytes());
        session.queue.end();
        if (session.queue == largest) {
            largest = null;
        }
    }

    boolean subscribe(StoredSubscription subscription) {
        Session session = sessions.get(subscription.clientId());
        if (session == null) {
            return false;
        }
        StoredSubscription before = session.subscriptions.get(subscription.filter());
        if (subscription.equals(before)) {
            return true; // many devices subscribe again whenever they connect
        }
        long bytes = session.subscriptionBytes()
                + JournalFormat.size(subscription)
                - (before == null ? 0 : JournalFormat.size(before));
        if ((before == null && session.subscriptions.size() >= limits.subscriptions())
                || bytes > limits.subscriptionBytes()) {
            counters.refuse(Refusal.SUBSCRIPTIONS);
            limitLog.count(
                    session.refusedSubscriptions,
                    () -> "Client " + LimitLog.name(subscription.clientId())
                            + " has reached its limit of subscriptions, " + limits.subscriptions() + " or "
                            + limits.subscriptionBytes() + " bytes of them: more are refused");
            return false;
        }
        limitLog.end(
                session.refusedSubscriptions,
                () -> "Client " + LimitLog.name(subscription.clientId()) + " may subscribe again");
        if (!allSubscriptions.hasRoomFor(before == null ? 1 : 0, bytes - session.subscriptionBytes())) {
            counters.refuse(Refusal.ALL_SUBSCRIPTIONS);
            limitLog.count(
                    refusedSubscriptions,
                    () -> "The limit of subscriptions is reached, " + limits.allSubscriptions() + " or "
                            + limits.allSubscriptionBytes() + " bytes of them: more are refused, the first of client "
                            + LimitLog.name(subscription.clientId()));
            return false;
        }
        limitLog.end(refusedSubscriptions, () -> "Clients may subscribe again");
        put(session, subscription);
        pending.add(new Change.Subscribed(session.key, subscription));
        return true;
    }

    void put(Session session, StoredSubscription subscription) {
        subscriptionBytes -= session.subscriptionBytes();
        allSubscriptions.add(-session.subscriptions.size(), -session.subscriptionBytes());
        session.put(subscription);
        allSubscriptions.add(session.subscriptions.size(), session.subscriptionBytes());
        subscriptionBytes += session.subscriptionBytes();
    }

    void unsubscribe(String clientId, String filter) {
        Session session = sessions.get(clientId);
        if (session != null && remove(session, filter)) {
            pending.add(new Change.Unsubscribed(session.key, filter));
        }
    }

    boolean remove(Session session, String filter) {
        long freed = session.remove(filter);
        subscriptionBytes -= freed;
        allSubscriptions.add(freed > 0 ? -1 : 0, -freed);
        return freed > 0;
    }

    SessionQueue queue(String clientId) {
        Session session = sessions.get(clientId);
        if (session != null) {
            return session.queue;
        }
        SessionQueue none = new SessionQueue(0, clientId, this);
        none.end();
        return none;
    }

    /** A session with the end of its connection by what the wall clock says now. */
    StoredSession asOfToday(Session session) {
        StoredSession stored = session.stored();
        return new StoredSession(
                stored.clientId(),
                stored.username(),
                stored.protocolLevel(),
                stored.expirySeconds(),
                clock.toWall(session.disconnectedAt()));
    }

    /** Makes room for a message that is to be queued: the largest queue gives its oldest. False if there is none. */
    boolean makeRoom(long bytes) {
        for (int pushed = 0; messageBytes() + bytes > limits.storedBytes(); pushed++) {
            limitLog.count(
                    full,
                    () -> "The stored messages have reached their limit of " + limits.storedBytes()
                            + " bytes: the oldest messages of the largest queues are dropped");
            SessionQueue victim = largest();
            if (pushed == MAX_PUSHED_OUT || victim == null || !victim.dropOldest(QueueLoss.STORE_FULL)) {
                return false;
            }
        }
        if (full.isRunning() && messageBytes() < limits.storedBytes() / 4 * 3) {
            limitLog.end(full, () -> "The stored messages are below their limit");
        }
        return true;
    }

    /** A queue that was the largest, and is still more than half as large. */
    private @Nullable SessionQueue largest() {
        SessionQueue known = largest;
        if (known == null || known.waitingBytes() == 0 || known.waitingBytes() < largestBytes / 2) {
            known = null;
            for (Session session : sessions.values()) {
                if (known == null || session.queue.waitingBytes() > known.waitingBytes()) {
                    known = session.queue;
                }
            }
            largest = known;
            largestBytes = known == null ? 0 : known.waitingBytes();
        }
        return known;
    }
}
