package io.sluice.broker.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The changes, in order, and those who wait for them, that the writer's thread has not taken yet. A store in the heap has no
 * such thread, and keeps nothing here. Counts what waits for the disk, with the group that the thread has taken and still
 * holds; what a rewrite repeats of the state does not count. Under the store's lock.
 */
final class PendingChanges {

    private final ReentrantLock lock;
    private final Condition work;
    private List<Change> changes = new ArrayList<>();
    private List<SafeListener> listeners = new ArrayList<>();
    private int waiting;
    private long waitingBytes;
    private int inGroup;
    private long bytesInGroup;
    private boolean waited;
    private boolean taken;
    private boolean closed;

    record Group(List<Change> changes, List<SafeListener> listeners) {
        Group() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    PendingChanges(ReentrantLock lock) {
        this.lock = lock;
        this.work = lock.newCondition();
    }

    /** From now on the writer's thread takes what is added. */
    void begin() {
        taken = true;
    }

    /** Neither fails nor touches a file. */
    void add(Change change) {
        if (taken) {
            changes.add(change);
            if (!(change instanceof Change.Rewritten)) {
                waiting++;
                waitingBytes += change instanceof Change.Published published ? JournalFormat.size(published) : 0;
            }
            wake();
        }
    }

    private void wake() {
        if (waited) {
            waited = false;
            work.signalAll();
        }
    }

    /** Returns false if nothing is written any more. */
    boolean add(SafeListener listener) {
        if (closed) {
            return false;
        }
        listeners.add(listener);
        wake();
        return true;
    }

    /** How many changes wait for the disk. */
    int waiting() {
        return waiting + inGroup;
    }

    /** Size of the messages among them, also of those that nobody holds any more. */
    long waitingBytes() {
        return waitingBytes + bytesInGroup;
    }

    /** Forgets the changes: they are written with everything else, as the state is. */
    void clearChanges() {
        changes = new ArrayList<>();
        waiting = 0;
        waitingBytes = 0;
    }

    /** The changes of the group wait no more; their messages are held until all of a new journal is written. */
    void groupWritten() {
        inGroup = 0;
    }

    /** Nothing of the group is held any more. */
    void groupCleared() {
        inGroup = 0;
        bytesInGroup = 0;
    }

    void close() {
        closed = true;
        work.signalAll();
    }

    /** Nobody takes anything any more. */
    void end() {
        closed = true;
        taken = false;
    }

    boolean isClosed() {
        return closed;
    }

    /** Adds all there is to a group, waiting for something if there is nothing. For the writer's thread, without the lock. */
    void takeInto(Group group, long waitMs) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(waitMs);
            while (changes.isEmpty() && listeners.isEmpty() && !closed && left > 0) {
                waited = true;
                left = work.awaitNanos(left);
            }
            waited = false;
            group.changes().addAll(changes);
            group.listeners().addAll(listeners);
            inGroup += waiting;
            bytesInGroup += waitingBytes;
            clearChanges();
            listeners = new ArrayList<>();
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits before something is tried again; ends early when the store is closed. */
    void pause(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (left > 0 && !closed) {
                left = work.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
