package io.sluice.buffer;

import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.Group.Until;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.Records;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where messages enter: asks for {@link FreeSpace}, gives positions, and gathers records for the writer's thread. Its
 * lock is held for the time of encoding one append, never while a file is touched. Thread-safe.
 *
 * <p>Two groups take turns: one is filled while the other is written. When the one to be filled is full, appends wait
 * for the writer, whatever the overflow policy: that is a matter of milliseconds.
 */
final class Appender {

    private final Log log;
    private final Counters counters;
    private final Runnable onPressure;
    private final FreeSpace space;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final List<Runnable> whenFree = new ArrayList<>();
    private Group filling = new Group();
    private @Nullable Group spare = new Group();
    private long nextPosition;
    private @Nullable Group taken;
    private long beingWritten;
    private boolean woken;
    private boolean rollWanted;
    private boolean closed;

    /** @param onPressure called when the buffer is found full; must be cheap */
    Appender(BufferConfig config, Log log, Counters counters, long nextPosition, Runnable onPressure) {
        this.log = log;
        this.counters = counters;
        this.nextPosition = nextPosition;
        this.onPressure = onPressure;
        this.space = new FreeSpace(config, counters, onPressure);
    }

    Admission append(List<Message> messages, AppendListener listener, boolean forDelivery) {
        messages.forEach(Records::requireStorable);
        lock.lock();
        try {
            int accepted = 0;
            int bytesBefore = filling.records().bytes();
            Rest rest = Rest.NONE;
            for (Message message : messages) {
                long sizeLimit = Records.sizeLimit(message);
                rest = closed
                        ? Rest.REJECT
                        : space.admit(
                                sizeLimit,
                                messages.size() - accepted,
                                occupied(),
                                filling.records().hasRoomFor(sizeLimit));
                if (rest != Rest.NONE) {
                    break;
                }
                filling.records().add(nextPosition, message, (int) sizeLimit);
                nextPosition++;
                accepted++;
            }
            if (accepted > 0) {
                filling.addWaiting(listener, forDelivery ? Until.DELIVERED : Until.ATTACHED);
                counters.appended.add(accepted);
                counters.appendedBytes.add(filling.records().bytes() - bytesBefore);
                work.signal();
            }
            return new Admission(accepted, rest);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends releases of packet identifiers. Like all control records they are taken also when the buffer is full, or the
     * disk takes nothing: each identifier has one at most, so that there are not more than there were messages.
     *
     * @return false if the appender is closed
     */
    boolean release(String clientId, List<Integer> packetIds, AppendListener listener) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            for (int packetId : packetIds) {
                filling.records().addRelease(nextPosition++, clientId, packetId);
            }
            filling.addWaiting(listener, Until.FORCED);
            work.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Appends the end of a client's session. */
    void endSession(String clientId) {
        lock.lock();
        try {
            if (!closed) {
                filling.records().addSessionEnd(nextPosition++, clientId);
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells a listener when what is in the log before a position may be acknowledged. */
    void await(long end, AppendListener listener) {
        lock.lock();
        try {
            filling.addWaiting(new Group.Waiting(end - 1, listener, Until.DELIVERED));
            wake();
        } finally {
            lock.unlock();
        }
    }

    private long occupied() {
        return log.bytes() + beingWritten + filling.records().bytes();
    }

    void whenFree(Runnable action) {
        lock.lock();
        try {
            whenFree.add(action);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** The actions whose time has come: there is free space, or there never will be. For the writer's thread. */
    List<Runnable> takeRoomActions() {
        lock.lock();
        try {
            if (whenFree.isEmpty() || (!space.isThere() && !closed)) {
                return List.of();
            }
            List<Runnable> due = List.copyOf(whenFree);
            whenFree.clear();
            return due;
        } finally {
            lock.unlock();
        }
    }

    /** Looks again whether there is free space, after segments were dropped. */
    void reconsider() {
        lock.lock();
        try {
            if (space.reconsider(occupied())) {
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for work, and takes the group that was filled, which may be empty if there is other work. For the writer's
     * thread, which must {@link #giveBack} the group.
     *
     * @return null when the appender is closed and empty
     */
    @Nullable
    Group take() {
        lock.lock();
        try {
            while (filling.records().isEmpty() && !woken && !closed) {
                work.awaitUninterruptibly();
            }
            woken = false;
            Group next = spare;
            if (next == null || (filling.records().isEmpty() && closed)) {
                return null;
            }
            Group full = filling;
            taken = full;
            beingWritten = full.records().bytes();
            filling = next;
            spare = null;
            space.groupBegun();
            return full;
        } finally {
            lock.unlock();
        }
    }

    /** Part of the taken group is in the log from now on, or never will be. */
    void settle(int bytes) {
        lock.lock();
        try {
            beingWritten -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the turn of a group. */
    void giveBack(Group group, int nowWithheld) {
        group.clear();
        lock.lock();
        try {
            spare = group;
            taken = null;
            beingWritten = 0;
            space.setWithheld(nowWithheld);
        } finally {
            lock.unlock();
        }
    }

    /** Makes the writer's thread look for other work than a group. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Asks for the open segment to be sealed, so that it can be dropped. */
    void wantRoll() {
        lock.lock();
        try {
            rollWanted = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** The base of a new segment if one is wanted; -1 if none is. For the writer's thread, between groups. */
    long takeRollWanted() {
        lock.lock();
        try {
            boolean roll = rollWanted && filling.records().isEmpty();
            rollWanted = false;
            return roll ? nextPosition : -1;
        } finally {
            lock.unlock();
        }
    }

    void setStalled(boolean stalled) {
        lock.lock();
        try {
            space.setStalled(stalled);
        } finally {
            lock.unlock();
        }
        onPressure.run();
    }

    boolean isStalled() {
        lock.lock();
        try {
            return space.isStalled();
        } finally {
            lock.unlock();
        }
    }

    /** How many appends wait for a consumer to attach, or for Kafka, since the last group. */
    int withheld() {
        lock.lock();
        try {
            return space.withheld();
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes a message has lacked; 0 if there is free space. */
    long lacking() {
        lock.lock();
        try {
            return space.lacking();
        } finally {
            lock.unlock();
        }
    }

    /** By how many bytes the buffer is larger than it may be, with space for what waits. */
    long excess() {
        lock.lock();
        try {
            return space.excess(occupied());
        } finally {
            lock.unlock();
        }
    }

    /** Waits before a failed write is tried again; returns at once when the appender is closed, with false. */
    boolean pause(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (left > 0 && !closed) {
                left = work.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Says that dropping segments may now free space. */
    void pressure() {
        onPressure.run();
    }

    /** Ends the appender in whatever state it is; returns who has not heard yet. For the writer's thread, at its end. */
    List<Group.Waiting> closeAndTakeWaiting() {
        lock.lock();
        try {
            closed = true;
            List<Group.Waiting> waiting = new ArrayList<>();
            if (taken != null) {
                waiting.addAll(taken.waiting());
                taken.waiting().clear();
            }
            waiting.addAll(filling.waiting());
            filling.waiting().clear();
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses every later append. */
    void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }
}
