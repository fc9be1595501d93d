package io.sluice.broker.session;

import io.sluice.broker.session.Change.Complete;
import io.sluice.broker.session.Change.GroupBegun;
import io.sluice.broker.session.Change.QueueEntry;
import io.sluice.broker.session.Change.Queued;
import io.sluice.broker.session.Change.Removed;
import io.sluice.broker.session.Change.Retained;
import io.sluice.broker.session.Change.RetainedCleared;
import io.sluice.broker.session.Change.SessionBegun;
import io.sluice.broker.session.Change.SessionChanged;
import io.sluice.broker.session.Change.SessionDeleted;
import io.sluice.broker.session.Change.Subscribed;
import io.sluice.broker.session.Change.Taken;
import io.sluice.broker.session.Change.Unsubscribed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies the changes in a journal's file once more. Changes of sessions that have not begun in it mean nothing: they
 * stand before the session's own record in a journal that was written anew.
 */
final class Replay {

    private final StoreState state;
    private final JournalFile file;
    private final Map<Long, Session> sessions = new HashMap<>();
    private GroupBegun last = new GroupBegun(0, 0, 0);
    private long lastOffset = JournalFile.HEADER_BYTES;
    private boolean complete;
    private long fileBytes;

    Replay(StoreState state, JournalFile file) {
        this.state = state;
        this.file = file;
    }

    /** Goes as far as the file can be read; returns what is wrong there, and nothing if it is the end. */
    String run() {
        state.publishes.restore();
        String damage;
        long end = JournalFile.HEADER_BYTES;
        try {
            fileBytes = file.size();
            JournalScan scan = new JournalScan(file, Long.MAX_VALUE);
            for (ByteBuffer record = scan.next(); record != null; record = scan.next()) {
                end = scan.recordOffset();
                long group = last.number();
                apply(record, scan);
                lastOffset = last.number() == group ? lastOffset : end;
                end = scan.offset();
            }
            damage = damage(scan);
        } catch (IOException | RuntimeException e) {
            damage = e.toString();
        }
        state.publishes.restored();
        file.appended(end);
        return damage;
    }

    private String damage(JournalScan scan) throws IOException {
        if (!complete) {
            return "it ends too early";
        }
        return scan.isAtEnd() || scan.isTorn(last.number()) ? "" : "a record is not as it was written";
    }

    /** Where the last group begins: what is before it was forced. */
    long lastGroupOffset() {
        return lastOffset;
    }

    long fileBytes() {
        return fileBytes;
    }

    GroupBegun lastGroup() {
        return last;
    }

    private void apply(ByteBuffer record, JournalScan scan) {
        if (JournalFormat.isPublished(record)) {
            // without a copy of the payload
            int slot = JournalFormat.publishedSlot(record);
            state.publishes.restore(slot, file.placeOf(scan.recordOffset()), scan.recordSize());
        } else {
            apply(JournalFormat.decode(record));
        }
    }

    private void apply(Change change) {
        if (change instanceof Queued queued) {
            ifThere(queued.key(), session -> queued(session, queued.entry()));
        } else if (change instanceof Taken taken) {
            ifThere(taken.key(), session -> session.queue.restoreTaken(taken.sequence()));
        } else if (change instanceof Removed removed) {
            ifThere(removed.key(), session -> session.queue.restoreRemoved(removed.sequence()));
        } else if (change instanceof Retained retained) {
            use(retained.slot());
            state.retained.put(retained);
        } else if (change instanceof RetainedCleared cleared) {
            state.retained.clear(cleared.topic());
        } else if (change instanceof GroupBegun begun) {
            last = begun;
        } else if (change instanceof Complete) {
            complete = true;
        } else {
            applyToSession(change);
        }
    }

    private void applyToSession(Change change) {
        if (change instanceof SessionBegun begun) {
            forget(sessions.get(begun.key()));
            forget(state.sessions.get(begun.session().clientId()));
            sessions.put(begun.key(), state.begin(begun.key(), begun.session(), begun.disconnectedAt()));
        } else if (change instanceof SessionChanged changed) {
            ifThere(changed.key(), session -> state.change(session, changed.session(), changed.disconnectedAt()));
        } else if (change instanceof SessionDeleted deleted) {
            forget(sessions.get(deleted.key()));
        } else if (change instanceof Subscribed subscribed) {
            ifThere(subscribed.key(), session -> state.put(session, of(session, subscribed.subscription())));
        } else if (change instanceof Unsubscribed unsubscribed) {
            ifThere(unsubscribed.key(), session -> state.remove(session, unsubscribed.filter()));
        }
    }

    private static StoredSubscription of(Session session, StoredSubscription read) {
        return new StoredSubscription(
                session.stored().clientId(),
                read.filter(),
                read.qos(),
                read.noLocal(),
                read.retainAsPublished(),
                read.retainHandling(),
                read.identifier());
    }

    private void queued(Session session, QueueEntry entry) {
        if (!session.queue.continuesWith(entry)) {
            throw new SessionStoreException("message " + entry.sequence() + " of a queue is out of order");
        }
        use(entry.slot());
        session.queue.restore(entry);
    }

    private void ifThere(long key, Consumer<Session> change) {
        Session session = sessions.get(key);
        if (session != null) {
            change.accept(session);
        }
    }

    private void use(int slot) {
        if (!state.publishes.isRestored(slot)) {
            throw new SessionStoreException("message " + slot + " is not there");
        }
        state.publishes.use(slot);
    }

    private void forget(@Nullable Session session) {
        if (session != null) {
            state.forget(session);
            sessions.remove(session.key);
        }
    }
}
