package io.sluice.broker.session;

import io.sluice.broker.session.Change.Published;
import io.sluice.broker.session.Change.QueueEntry;
import io.sluice.message.Qos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one session's client, in order, and those that are on their way to it. Messages are added
 * by any thread; one thread at a time takes them, removes them and puts them back. Once its session is deleted, a queue
 * is empty and takes nothing.
 */
public final class SessionQueue {

    private final long key;
    private final String clientId;
    private final StoreState state;
    private final WaitingEntries waiting = new WaitingEntries();
    private final TreeMap<Long, QueueEntry> inFlight = new TreeMap<>();
    private final TreeMap<Long, QueueEntry> putBack = new TreeMap<>();
    private final LimitLog.Episode overflow = new LimitLog.Episode();
    private long bytes;
    private long inFlightBytes;
    private boolean ended;
    /** The number of the last entry that could not be read. */
    private long unreadable = -1;

    SessionQueue(long key, String clientId, StoreState state) {
        this.key = key;
        this.clientId = clientId;
        this.state = state;
    }

    /** Adds a message as it was published, matched by subscriptions without identifiers. */
    public boolean add(StoredPublish publish) {
        return add(publish, publish.qos(), publish.retained(), List.of());
    }

    /**
     * Adds a message. If the queue would hold more than it may, its oldest messages that are not on their way to the client are
     * dropped; if all are, or this one is too large, this one is. What is dropped is counted.
     *
     * @param publish the message; the same object for every session that it is added to
     * @param qos the quality of service it is to be delivered with
     * @param retained the RETAIN flag it is to be delivered with
     * @param subscriptionIdentifiers of the subscriptions that it matches
     * @return false if the disk takes nothing and the heap has no more to spare: the message must not be acknowledged. True
     *     also if limits made it, or an older one, be dropped
     */
    public boolean add(StoredPublish publish, Qos qos, boolean retained, List<Integer> subscriptionIdentifiers) {
        byte[] body = publish.body();
        long size = JournalFormat.publishedSize(body.length);
        return state.locked(() -> {
            if (ended) {
                return true;
            }
            if (state.isBehind()) {
                state.counters.drop(QueueLoss.DISK);
                state.lostToDisk();
                return false;
            }
            boolean fits = makeRoom(size);
            if (!fits || !state.makeRoom(size + JournalFormat.QUEUED_BYTES)) {
                state.counters.drop(fits ? QueueLoss.STORE_FULL : QueueLoss.QUEUE_FULL);
                return true;
            }
            OptionalLong expiresAt = state.clock.fromWall(publish.expiresAtMs());
            int slot = state.publishes.use(publish, body, expiresAt);
            QueueEntry entry =
                    new QueueEntry(waiting.nextSequence(), slot, qos.level(), retained, false, subscriptionIdentifiers);
            append(entry);
            state.pending.add(new Change.Queued(key, entry));
            return true;
        });
    }

    private boolean makeRoom(long size) {
        SessionLimits limits = state.limits;
        while (storedMessages() + 1 > limits.queueMessages() || bytes + size > limits.queueBytes()) {
            state.limitLog.count(
                    overflow,
                    () -> "The queue of client " + LimitLog.name(clientId) + " is full ("
                            + limits.queueMessages() + " messages or " + limits.queueBytes()
                            + " bytes): its oldest messages are dropped");
            if (size > limits.queueBytes() || !dropOldest(QueueLoss.QUEUE_FULL)) {
                return false;
            }
        }
        return true;
    }

    /** Adds an entry whose message is already used by it. */
    private void append(QueueEntry entry) {
        waiting.add(entry.slot(), entry.qos(), entry.retained(), state.identifiers.use(entry.identifiers()));
        count(entry.slot(), 1);
    }

    private void count(int slot, int sign) {
        long size = sign * (long) state.publishes.size(slot);
        bytes += size;
        state.counters.queuedMessages += sign;
        state.counters.queuedBytes += size;
    }

    /** Drops the oldest message that is not on its way; false if there is none. */
    boolean dropOldest(QueueLoss reason) {
        QueueEntry oldest = pollOldest();
        if (oldest == null) {
            return false;
        }
        release(oldest);
        state.counters.drop(reason);
        return true;
    }

    private @Nullable QueueEntry pollOldest() {
        var back = putBack.pollFirstEntry();
        return back == null ? pollWaiting() : back.getValue();
    }

    private @Nullable QueueEntry pollWaiting() {
        if (waiting.size() == 0) {
            return null;
        }
        QueueEntry entry = waitingEntry(0);
        state.identifiers.release(waiting.identifierList(0));
        waiting.removeFirst();
        return entry;
    }

    private QueueEntry waitingEntry(int nth) {
        return new QueueEntry(
                waiting.firstSequence() + nth,
                waiting.slot(nth),
                waiting.qos(nth),
                waiting.retained(nth),
                false,
                state.identifiers.get(waiting.identifierList(nth)));
    }

    /** The message of an entry that is in no list any more is held by one less. */
    private void release(QueueEntry entry) {
        count(entry.slot(), -1);
        state.publishes.release(entry.slot());
        state.pending.add(new Change.Removed(key, entry.sequence()));
    }

    /**
     * The next message that is not on its way to the client and has not expired; from now on it is on its way. It stays
     * stored until it is {@linkplain #remove removed}. Reads the disk.
     *
     * @throws SessionStoreException if it cannot be read now; it stays the next one
     */
    public Optional<QueuedPublish> take() {
        while (true) {
            QueueEntry entry = nextEntry();
            if (entry == null) {
                return Optional.empty();
            }
            Published published;
            StoredPublish publish;
            try {
                published = state.publishes.read(entry.slot(), () -> inFlight.containsKey(entry.sequence()));
                if (published == null) {
                    return Optional.empty();
                }
                publish = state.decode(published);
            } catch (IOException | RuntimeException e) {
                if (mayBeReadableLater(entry, e)) {
                    putBackFirst(entry);
                    throw new SessionStoreException("a message that waits cannot be read now: " + e, e);
                }
                state.unreadable(e);
                discard(entry.sequence(), QueueLoss.UNREADABLE);
                continue;
            } catch (Error e) {
                putBackFirst(entry);
                throw e;
            }
            if (state.isExpired(published.expiresAt())) {
                discard(entry.sequence(), QueueLoss.EXPIRED);
                continue;
            }
            return Optional.of(new QueuedPublish(
                    publish,
                    Qos.ofLevel(entry.qos()),
                    entry.retained(),
                    entry.identifiers(),
                    entry.sent(),
                    entry.sequence()));
        }
    }

    /**
     * A disk that cannot read what it can still write next to is damaged in that place. The second attempt comes when the
     * client is back, whose session was written meanwhile.
     */
    private boolean mayBeReadableLater(QueueEntry entry, Exception cause) {
        if (state.isFailing()) {
            return true;
        }
        boolean isFirstAttempt = unreadable != entry.sequence();
        unreadable = entry.sequence();
        return isFirstAttempt && cause instanceof IOException && !(cause instanceof DamagedException);
    }

    private @Nullable QueueEntry nextEntry() {
        return state.locked(() -> {
            QueueEntry entry = pollOldest();
            if (entry == null) {
                return null;
            }
            inFlight.put(entry.sequence(), entry);
            inFlightBytes += state.publishes.size(entry.slot());
            if (!entry.sent()) {
                state.pending.add(new Change.Taken(key, entry.sequence()));
            }
            endOverflow();
            return entry;
        });
    }

    private void endOverflow() {
        if (overflow.isRunning()
                && storedMessages() <= state.limits.queueMessages() / 2
                && bytes <= state.limits.queueBytes() / 2) {
            state.limitLog.end(
                    overflow, () -> "The queue of client " + LimitLog.name(clientId) + " has free space again");
        }
    }

    private void putBackFirst(QueueEntry entry) {
        state.locked(() -> {
            if (inFlight.remove(entry.sequence()) != null) {
                inFlightBytes -= state.publishes.size(entry.slot());
                putBack.put(entry.sequence(), entry);
            }
        });
    }

    /** The client has acknowledged a message that was taken. Does nothing if it is not on its way any more. */
    public void remove(QueuedPublish taken) {
        state.locked(() -> removeInFlight(taken.sequence()));
    }

    private void discard(long sequence, QueueLoss reason) {
        state.locked(() -> {
            if (removeInFlight(sequence)) {
                state.counters.drop(reason);
            }
        });
    }

    private boolean removeInFlight(long sequence) {
        QueueEntry entry = inFlight.remove(sequence);
        if (entry == null) {
            return false;
        }
        inFlightBytes -= state.publishes.size(entry.slot());
        release(entry);
        return true;
    }

    /** All messages on their way to the client are to be taken again, in the old order, marked as sent before. */
    public void putBack() {
        state.locked(() -> {
            inFlight.forEach((sequence, entry) -> putBack.put(sequence, asSent(entry)));
            inFlight.clear();
            inFlightBytes = 0;
        });
    }

    private static QueueEntry asSent(QueueEntry entry) {
        return new QueueEntry(entry.sequence(), entry.slot(), entry.qos(), entry.retained(), true, entry.identifiers());
    }

    /** How many messages it holds, including those on their way to the client. */
    public int size() {
        return state.locked(this::storedMessages);
    }

    private int storedMessages() {
        return waiting.size() + inFlight.size() + putBack.size();
    }

    /** Bytes of what could be dropped. */
    long waitingBytes() {
        return bytes - inFlightBytes;
    }

    /** Whether an entry of the journal comes next in this queue. */
    boolean continuesWith(QueueEntry entry) {
        if (entry.sent()) {
            return waiting.size() == 0 && (putBack.isEmpty() || putBack.lastKey() < entry.sequence());
        }
        return waiting.size() == 0 || waiting.nextSequence() == entry.sequence();
    }

    /** Takes an entry of the journal, whose message is already used by it. */
    void restore(QueueEntry entry) {
        if (entry.sent()) {
            putBack.put(entry.sequence(), entry);
            waiting.goOnWith(entry.sequence() + 1);
            count(entry.slot(), 1);
        } else {
            waiting.goOnWith(entry.sequence());
            append(entry);
        }
    }

    /** An entry was on its way to the client when the journal was written. */
    void restoreTaken(long sequence) {
        QueueEntry entry = waiting.firstSequence() == sequence ? pollWaiting() : null;
        if (entry != null) {
            putBack.put(sequence, asSent(entry));
        }
    }

    /** An entry was removed when the journal was written. */
    void restoreRemoved(long sequence) {
        QueueEntry entry = putBack.remove(sequence);
        if (entry == null && waiting.firstSequence() == sequence) {
            entry = pollWaiting();
        }
        if (entry != null) {
            release(entry);
        }
    }

    /** Lets everything go, for good. */
    void end() {
        ended = true;
        putBack();
        for (QueueEntry entry = pollOldest(); entry != null; entry = pollOldest()) {
            count(entry.slot(), -1);
            state.publishes.release(entry.slot());
        }
    }

    /** Everything in order; what is on its way is marked as sent. Under the lock. */
    List<QueueEntry> entries() {
        TreeMap<Long, QueueEntry> sent = new TreeMap<>(putBack);
        inFlight.forEach((sequence, entry) -> sent.put(sequence, asSent(entry)));
        List<QueueEntry> all = new ArrayList<>(sent.values());
        for (int nth = 0; nth < waiting.size(); nth++) {
            all.add(waitingEntry(nth));
        }
        return all;
    }
}
