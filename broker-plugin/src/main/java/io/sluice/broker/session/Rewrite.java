package io.sluice.broker.session;

import io.sluice.broker.session.Change.Complete;
import io.sluice.broker.session.Change.Published;
import io.sluice.broker.session.Change.Queued;
import io.sluice.broker.session.Change.Retained;
import io.sluice.broker.session.Change.Rewritten;
import io.sluice.broker.session.Change.SessionBegun;
import io.sluice.broker.session.Change.StateFollows;
import io.sluice.broker.session.Change.Subscribed;
import io.sluice.broker.session.GroupWriter.Result;
import io.sluice.broker.session.GroupWriter.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes a journal anew, in small steps between groups. For the writer's thread.
 *
 * <p>First the messages are copied, slot by slot. Then the state is put among the pending changes, session by session and
 * topic by topic, each under the lock: so that what the new file says of a session is what was true when its turn came, and
 * every later change follows. Changes of sessions whose turn has not come are in the file as well, and mean nothing to
 * whoever reads it. A message that was copied has its place in the new file from then on; if the new file fails, its
 * place in the old one is looked up there.
 */
final class Rewrite {

    private static final int STEP_BYTES = 1 << 20;
    /** What is forced at a time: groups wait for as long as that takes. */
    private static final long FORCED_BYTES = 8L << 20;

    private static final int STEP_SLOTS = 4_096;
    private static final int STEP_CHANGES = 2_000;

    private enum Phase {
        MESSAGES,
        SESSIONS,
        RETAINED,
        END
    }

    private final StoreState state;
    private final GroupWriter writer;
    private final @Nullable JournalFile from;
    private final JournalFile to;
    private final List<Written> onlyHere = new ArrayList<>();
    private final Deque<Session> sessions = new ArrayDeque<>();
    private Phase phase = Phase.MESSAGES;
    private int nextSlot;
    private long forcedTo;
    private @Nullable String lastTopic;
    private boolean stateFollows;
    private boolean complete;

    /** @param from where the messages are that are not in the heap */
    Rewrite(StoreState state, GroupWriter writer, @Nullable JournalFile from, JournalFile to) {
        this.state = state;
        this.writer = writer;
        this.from = from;
        this.to = to;
    }

    JournalFile to() {
        return to;
    }

    /** Whether everything is in the new file. */
    boolean isComplete() {
        return complete;
    }

    /** The old file takes no more changes: all that is pending is in the state, and comes with it. */
    void insteadOfPending() {
        state.locked(() -> {
            state.pending.clearChanges();
            state.publishes.inHeap().forEach(published -> state.pending.add(new Rewritten(published)));
        });
    }

    void step() throws IOException {
        if (to.end() - forcedTo >= FORCED_BYTES) {
            to.force();
            forcedTo = to.end();
        }
        if (phase == Phase.MESSAGES) {
            copyMessages();
        } else if (phase != Phase.END) {
            Runnable more = phase == Phase.SESSIONS ? this::addSessions : this::addRetained;
            state.locked(more);
        }
    }

    private record Copied(int slot, int place, int size) {}

    private void copyMessages() throws IOException {
        List<Copied> next = nextMessages();
        List<Change> messages = new ArrayList<>(next.size());
        for (Copied copied : next) {
            messages.add(read(copied));
        }
        if (!messages.isEmpty()) {
            Result written = writer.write(to, messages);
            to.appended(written.end());
            state.locked(() -> {
                for (int i = 0; i < next.size(); i++) {
                    Written message = written.messages().get(i);
                    boolean lost = message.published().body().length == 0;
                    int place = lost ? Publishes.LOST : to.placeOf(message.offset());
                    state.publishes.move(next.get(i).slot(), next.get(i).place(), place);
                }
            });
        }
    }

    private List<Copied> nextMessages() {
        List<Copied> next = new ArrayList<>();
        Publishes publishes = state.publishes;
        state.locked(() -> {
            int end = publishes.end();
            int bytes = 0;
            int last = Math.min(end, nextSlot + STEP_SLOTS);
            while (nextSlot < last && bytes < STEP_BYTES) {
                int slot = nextSlot++;
                if (publishes.isUsed(slot) && isIn(1 - to.parity, publishes.place(slot))) {
                    next.add(new Copied(slot, publishes.place(slot), publishes.size(slot)));
                    bytes += publishes.size(slot);
                }
            }
            if (nextSlot >= end) {
                phase = Phase.SESSIONS;
                state.pending.add(new Rewritten(new StateFollows()));
                sessions.addAll(state.sessions.values());
            }
        });
        return next;
    }

    private static boolean isIn(int parity, int place) {
        return place != Publishes.NO_PLACE && place != Publishes.LOST && JournalFile.parityOf(place) == parity;
    }

    /** A message to be copied; one without a body if it cannot be read. */
    private Published read(Copied copied) throws IOException {
        try {
            if (from != null) {
                return from.readPublish(copied.place(), copied.size());
            }
        } catch (DamagedException e) {
            state.unreadable(e);
        } catch (IOException e) {
            to.force(); // the disk as a whole works, then; else this fails, and is tried again
            state.unreadable(e);
        }
        return new Published(copied.slot(), OptionalLong.empty(), new byte[0]);
    }

    private void addSessions() {
        for (int added = 0; added < STEP_CHANGES && !sessions.isEmpty(); ) {
            Session session = sessions.remove();
            StoredSession stored = session.stored();
            if (!session.equals(state.sessions.get(stored.clientId()))) {
                continue;
            }
            state.pending.add(new Rewritten(new SessionBegun(session.key, stored, session.disconnectedAt())));
            for (StoredSubscription subscription : session.subscriptions.values()) {
                state.pending.add(new Rewritten(new Subscribed(session.key, subscription)));
            }
            List<Change.QueueEntry> entries = session.queue.entries();
            entries.forEach(entry -> state.pending.add(new Rewritten(new Queued(session.key, entry))));
            added += 1 + session.subscriptions.size() + entries.size();
        }
        if (sessions.isEmpty()) {
            phase = Phase.RETAINED;
        }
    }

    private void addRetained() {
        List<Retained> next = state.retained.after(lastTopic, STEP_CHANGES);
        for (Retained entry : next) {
            state.pending.add(new Rewritten(entry));
            lastTopic = entry.topic();
        }
        if (next.size() < STEP_CHANGES) {
            phase = Phase.END;
            state.pending.add(new Rewritten(new Complete()));
        }
    }

    /**
     * Writes a group to the new file as well.
     *
     * @param inOldFile the messages of the group, where they are in the old file; null if the old one takes no more
     */
    void append(List<Change> group, @Nullable List<Written> inOldFile) throws IOException {
        List<Change> changes = new ArrayList<>(group.size());
        for (Change change : group) {
            Change meant = change instanceof Rewritten rewritten ? rewritten.change() : change;
            stateFollows |= meant instanceof StateFollows;
            complete |= meant instanceof Complete;
            if (stateFollows || meant instanceof Published) {
                changes.add(meant);
            }
        }
        if (changes.isEmpty()) {
            return;
        }
        Result written = writer.write(to, changes);
        to.appended(written.end());
        if (inOldFile == null || from == null) {
            onlyHere.addAll(written.messages());
            return;
        }
        state.locked(() -> {
            for (int i = 0; i < inOldFile.size(); i++) {
                Written old = inOldFile.get(i);
                state.publishes.move(
                        old.published().slot(),
                        from.placeOf(old.offset()),
                        to.placeOf(written.messages().get(i).offset()));
            }
        });
    }

    /** The new file is the journal. */
    void settle() {
        state.locked(() ->
                onlyHere.forEach(written -> state.publishes.settle(written.published(), to.placeOf(written.offset()))));
    }

    /** The new file will not be the journal: what was copied has its place in the old file again. */
    void abandon() throws IOException {
        if (from == null) {
            return;
        }
        BitSet copied = copiedSlots();
        JournalScan scan = new JournalScan(from, from.end());
        while (!copied.isEmpty() && !scan.isAtEnd()) {
            ByteBuffer record = scan.next();
            if (record == null) {
                if (!scan.skipDamage()) {
                    break;
                }
            } else if (JournalFormat.isPublished(record) && copied.get(JournalFormat.publishedSlot(record))) {
                // The last message of a slot is the one that is meant, unless the slot was given away since.
                int slot = JournalFormat.publishedSlot(record);
                int place = from.placeOf(scan.recordOffset());
                state.locked(() -> state.publishes.move(slot, state.publishes.place(slot), place));
            }
        }
    }

    private BitSet copiedSlots() {
        BitSet copied = new BitSet();
        state.locked(() -> {
            for (int slot = 0; slot < state.publishes.end(); slot++) {
                if (state.publishes.isUsed(slot) && isIn(to.parity, state.publishes.place(slot))) {
                    copied.set(slot);
                }
            }
        });
        return copied;
    }
}
