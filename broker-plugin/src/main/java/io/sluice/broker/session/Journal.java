package io.sluice.broker.session;

import io.sluice.broker.session.GroupWriter.Result;
import io.sluice.file.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal on disk, and the thread that writes it: takes what is pending, writes it, forces it, and tells those who
 * wait. Meanwhile the next group gathers.
 *
 * <ul>
 *   <li>A journal of which more than half is dead is {@linkplain Rewrite written anew}, step by step between groups.
 *   <li>A write that fails (the disk is full) is tried again, with what has gathered in the meantime, until it succeeds.
 *   <li>Once a force has failed, of the file or of its name, or too much has gathered, the journal is given up, and a new one
 *       is written from the state.
 *       That is tried until it succeeds, too. The old one stays until the new one is forced.
 *   <li>Whoever waits hears of each failure at once.
 * </ul>
 */
final class Journal implements Runnable {

    static final String NAME = "sessions.journal";
    /** A journal up to this size is not worth writing anew; bytes. */
    static final long SMALL_BYTES = 4L << 20;

    static final String NEW_NAME = "sessions.journal.new";

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 2_000;
    private static final long HEARTBEAT_MS = TimeUnit.SECONDS.toMillis(30);
    private static final int LAST_ATTEMPTS = 3;
    private static final long SWEEP_MS = TimeUnit.MINUTES.toMillis(1);
    private static final long NEXT_REWRITE_MS = TimeUnit.MINUTES.toMillis(1);

    /** By how much a journal grows after it was written anew until it is written anew again, as a factor. */
    private static final double GROWTH = 1.5;

    private final Folder folder;
    private final StoreState state;
    private final GroupWriter writer;
    private final long smallBytes;
    private final PendingChanges.Group group = new PendingChanges.Group();

    /** The files that places are in, by their parity; guarded by the store's lock. */
    private final @Nullable JournalFile[] files = new @Nullable JournalFile[2];

    private @Nullable JournalFile current;

    private @Nullable Rewrite rewrite;

    /** Whether the journal takes no more, and is to be replaced. */
    private boolean givenUp;

    /** Whether the file that is replaced is kept under another name. */
    private boolean setAside;

    private long sizeWhenNew;
    private long nextRewriteMs = Long.MIN_VALUE;
    private long lastGroupMs = Long.MIN_VALUE;
    private long pauseMs;
    private volatile long bytes;
    private volatile Optional<String> failure = Optional.empty();

    /**
     * @param found the journal that was read
     * @param smallBytes up to which size it is not written anew
     */
    Journal(Folder folder, StoreState state, JournalReader.Found found, long smallBytes) {
        this.smallBytes = smallBytes;
        this.folder = folder;
        this.state = state;
        this.writer = new GroupWriter(state.clock, found.lastGroup().number());
        this.current = found.file();
        this.givenUp = !found.goesOn();
        this.setAside = found.setAside();
        if (current != null) {
            files[current.parity] = current;
            bytes = current.end();
        }
        state.publishes.readFrom(place -> files[JournalFile.parityOf(place)]);
    }

    /** Size of the files, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Why its thread has ended, in a sentence, if it has by an error. */
    Optional<String> failure() {
        return failure;
    }

    /** Writes what opening has changed, before anything else: what was unreadable is set aside when this returns. */
    void begin() {
        state.pending.takeInto(group, 0);
        commit();
    }

    @Override
    public void run() {
        try {
            while (!state.locked(state.pending::isClosed)) {
                boolean busy = rewrite != null || pauseMs != 0;
                state.pending.takeInto(group, busy ? 0 : HEARTBEAT_MS / 2);
                commit();
                keepHouse();
            }
            lastGroupMs = Long.MIN_VALUE; // the moment at which the store was closed is kept
            boolean written = false;
            for (int attempt = 0; attempt < LAST_ATTEMPTS && !written; attempt++) {
                state.pending.takeInto(group, 0);
                written = commit();
            }
        } catch (RuntimeException | Error e) {
            failure = Optional.of("The store of MQTT sessions in " + folder + " has stopped (" + e
                    + "): no session, subscription or message that must be kept is acknowledged until the broker is"
                    + " started again.");
            fail(new SessionStoreException("the store of MQTT sessions has stopped: " + e, e));
            LOG.error("The store of MQTT sessions in {} has stopped: nothing more is written to it", folder, e);
        } finally {
            end();
        }
    }

    /** Writes the group; false if that fails. */
    private boolean commit() {
        try {
            if (givenUp) {
                writeAnew();
            } else {
                append();
            }
            goesOn();
            clearGroup(); // before anyone is told: nothing of it waits any more
            tell(SafeListener::safe);
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    private void clearGroup() {
        group.changes().clear();
        state.locked(state.pending::groupCleared);
    }

    private void append() throws IOException {
        JournalFile file = Objects.requireNonNull(current, "there is no journal to go on with");
        if (file.end() > JournalFile.MAX_BYTES) {
            givenUp = true;
            throw new IOException("it has grown to " + file.end() + " bytes, and there was no space to rewrite it");
        }
        List<Change> changes = new ArrayList<>(group.changes());
        changes.removeIf(Change.Rewritten.class::isInstance);
        List<GroupWriter.Written> messages = List.of();
        if (!changes.isEmpty() || isHeartbeatDue()) {
            Result written = writer.write(file, changes);
            force(file);
            file.appended(written.end());
            lastGroupMs = state.clock.nowMs();
            messages = written.messages();
            settle(file, messages);
        }
        if (rewrite != null) {
            appendToNew(rewrite, messages);
        }
        countBytes();
    }

    private boolean isHeartbeatDue() {
        return lastGroupMs == Long.MIN_VALUE
                || (state.clock.nowMs() - lastGroupMs >= HEARTBEAT_MS && !state.locked(() -> state.sessions.isEmpty()));
    }

    private void force(JournalFile file) throws IOException {
        try {
            file.force();
        } catch (IOException e) {
            givenUp = true;
            throw e;
        }
    }

    private void settle(JournalFile file, List<GroupWriter.Written> messages) {
        state.locked(() -> messages.forEach(
                written -> state.publishes.settle(written.published(), file.placeOf(written.offset()))));
    }

    private void appendToNew(Rewrite running, List<GroupWriter.Written> messages) {
        try {
            running.append(group.changes(), messages);
            if (running.isComplete()) {
                replaceBy(running);
            }
        } catch (IOException e) {
            abandonRewrite(e);
        }
    }

    private void countBytes() {
        bytes = (current == null ? 0 : current.end())
                + (rewrite == null ? 0 : rewrite.to().end());
    }

    private void writeAnew() throws IOException {
        abandonRewrite(new IOException("the old one takes no more"));
        clearGroup();
        Rewrite running = beginRewrite();
        try {
            running.insteadOfPending();
            while (!running.isComplete()) {
                running.step();
                state.pending.takeInto(group, 0);
                running.append(group.changes(), null);
                group.changes().clear();
                state.locked(state.pending::groupWritten);
            }
            replaceBy(running);
        } catch (IOException e) {
            abandonRewrite(e);
            throw e;
        }
        lastGroupMs = state.clock.nowMs();
    }

    private Rewrite beginRewrite() throws IOException {
        JournalFile from = current;
        JournalFile to = JournalFile.create(folder, NEW_NAME, from == null ? 0 : 1 - from.parity);
        Rewrite begun = new Rewrite(state, writer, from, to);
        setFile(to.parity, to);
        rewrite = begun;
        return begun;
    }

    private void setFile(int parity, @Nullable JournalFile file) {
        state.locked(() -> files[parity] = file);
    }

    /** The new file becomes the journal, in steps of which each leaves one that can be read. */
    private void replaceBy(Rewrite running) throws IOException {
        JournalFile to = running.to();
        JournalFile from = current;
        to.force();
        if (setAside && folder.names().contains(NAME)) {
            String name = renameAside();
            folder.force();
            LOG.warn("What was left of the journal of MQTT sessions in {} was kept under the name {}", folder, name);
        }
        to.rename(NAME);
        // Also if its name cannot be forced: what is written to the old one now, no process would find after a kill.
        running.settle();
        current = to;
        rewrite = null;
        givenUp = false;
        setAside = false;
        sizeWhenNew = to.end();
        if (from != null) {
            setFile(from.parity, null);
            from.close();
        }
        countBytes();
        try {
            folder.force();
        } catch (IOException e) {
            givenUp = true;
            throw e;
        }
    }

    /** Gives the file that cannot be read the next free name, for those who want to look at it; returns it. */
    private String renameAside() throws IOException {
        List<String> taken = folder.names();
        int number = 1;
        while (taken.contains(NAME + ".unreadable-" + number)) {
            number++;
        }
        String aside = NAME + ".unreadable-" + number;
        folder.rename(NAME, aside);
        return aside;
    }

    /** Does nothing if no journal is being written anew: its new file may have become the journal before the failure. */
    private void abandonRewrite(IOException cause) {
        Rewrite running = rewrite;
        if (running == null) {
            return;
        }
        LOG.debug("The journal of MQTT sessions in {} could not be written anew", folder, cause);
        nextRewriteMs = state.clock.nowMs() + NEXT_REWRITE_MS;
        rewrite = null;
        try {
            running.abandon();
        } catch (IOException e) {
            LOG.error("The journal of MQTT sessions in {} cannot be read: messages in it are lost", folder, e);
        }
        setFile(running.to().parity, null);
        running.to().close();
        deleteNew();
    }

    private void deleteNew() {
        try {
            folder.delete(NEW_NAME);
        } catch (IOException e) {
            LOG.debug("{} could not be deleted", NEW_NAME, e);
        }
    }

    private void failed(IOException e) {
        state.locked(() -> {
            state.counters.failures++;
            state.setFailing(true);
        });
        if (pauseMs == 0) {
            LOG.error(
                    "The journal of MQTT sessions in {} cannot be written ({}): until it can, the broker acknowledges"
                            + " no session, subscription or message that must be kept. It retries by itself",
                    folder,
                    e.toString());
        }
        fail(new SessionStoreException("the journal of MQTT sessions in " + folder + " cannot be written: " + e, e));
        givenUp |= state.locked(state::isBehind);
        if (givenUp) {
            clearGroup();
        }
        pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), LONGEST_PAUSE_MS);
        state.pending.pause(pauseMs);
    }

    private void goesOn() {
        if (pauseMs != 0) {
            LOG.warn("The journal of MQTT sessions in {} can be written again, and holds everything", folder);
            pauseMs = 0;
        }
        state.setFailing(false);
    }

    private void tell(Consumer<SafeListener> news) {
        for (SafeListener listener : group.listeners()) {
            try {
                news.accept(listener);
            } catch (RuntimeException | Error e) {
                LOG.error("A listener of the store of MQTT sessions failed", e);
            }
        }
        group.listeners().clear();
    }

    private void fail(SessionStoreException cause) {
        tell(listener -> listener.failed(cause));
    }

    private void keepHouse() {
        state.locked(() -> state.retained.sweep(SWEEP_MS));
        try {
            if (rewrite != null) {
                rewrite.step();
            } else if (isRewriteDue()) {
                beginRewrite();
            }
        } catch (IOException e) {
            abandonRewrite(e);
            nextRewriteMs = state.clock.nowMs() + NEXT_REWRITE_MS;
        }
    }

    private boolean isRewriteDue() throws IOException {
        JournalFile file = current;
        if (givenUp || pauseMs != 0 || file == null || file.end() < smallBytes) {
            return false;
        }
        long live = state.locked(state::storedBytes);
        return file.end() > 2 * live
                && file.end() > GROWTH * sizeWhenNew
                && state.clock.nowMs() >= nextRewriteMs
                && folder.usableBytes() > live;
    }

    /** Closes the files and releases the folder; also if the journal was never begun. */
    void end() {
        state.locked(() -> {
            state.pending.end();
            state.setFailing(true); // messages are no longer read, and not damaged for that
            files[0] = null;
            files[1] = null;
        });
        try (folder) {
            state.pending.takeInto(group, 0);
            fail(new SessionStoreException(
                    "the store of MQTT sessions in " + folder + " was closed before it could be written"));
            if (rewrite != null) {
                rewrite.to().close();
                deleteNew();
            }
            if (current != null) {
                current.close();
            }
        }
    }
}
