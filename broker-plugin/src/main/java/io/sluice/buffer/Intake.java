package io.sluice.buffer;

import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.Group.Until;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where messages enter: decides whether there is room, gives positions, and gathers records for the writer's thread. Its
 * lock is held for the time of encoding one append, never while a file is touched. Thread-safe.
 *
 * <p>Two groups take turns: one is filled while the other is written. When the one to be filled is full, appends wait
 * for the writer, whatever the overflow policy: that is a matter of milliseconds. The policy decides when
 * {@code buffer.max.bytes} is reached, and when the disk takes nothing any more.
 */
final class Intake {

    /** More appends than this that wait for a consumer to attach, or for Kafka, are not taken. */
    private static final int MAX_WITHHELD = 1 << 18;

    private final BufferConfig config;
    private final Log log;
    private final Counters counters;
    private final Runnable onPressure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final List<Runnable> roomActions = new ArrayList<>();
    private Group filling = new Group();
    private @Nullable Group spare = new Group();
    private long nextPosition;
    private @Nullable Group taken;
    private long beingWritten;
    private boolean groupFull;
    private long lacking;
    private int withheld;
    private boolean stalled;
    private boolean woken;
    private boolean rollWanted;
    private boolean closed;

    /** @param onPressure called when the buffer is found full; must be cheap */
    Intake(BufferConfig config, Log log, Counters counters, long nextPosition, Runnable onPressure) {
        this.config = config;
        this.log = log;
        this.counters = counters;
        this.nextPosition = nextPosition;
        this.onPressure = onPressure;
    }

    Admission append(List<Message> messages, AppendListener listener, boolean forDelivery) {
        messages.forEach(RecordLayout::requireStorable);
        lock.lock();
        try {
            int accepted = 0;
            int bytesBefore = filling.bytes();
            Rest rest = Rest.NONE;
            for (Message message : messages) {
                long sizeLimit = RecordLayout.sizeLimit(message);
                rest = admit(sizeLimit, messages.size() - accepted);
                if (rest != Rest.NONE) {
                    break;
                }
                filling.add(nextPosition, message, (int) sizeLimit);
                nextPosition++;
                accepted++;
            }
            if (accepted > 0) {
                filling.addWaiting(listener, forDelivery ? Until.DELIVERED : Until.ATTACHED);
                counters.appended.add(accepted);
                counters.appendedBytes.add(filling.bytes() - bytesBefore);
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
     * @return false if the intake is closed
     */
    boolean release(String clientId, List<Integer> packetIds, AppendListener listener) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            for (int packetId : packetIds) {
                filling.addRelease(nextPosition++, clientId, packetId);
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
                filling.addSessionEnd(nextPosition++, clientId);
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

    private Rest admit(long size, int messages) {
        if (closed) {
            return Rest.REJECT;
        }
        if (size > config.maxBytes() - SegmentHeader.BYTES || size > Integer.MAX_VALUE) {
            return tooLarge();
        }
        if (stalled && config.overflow() != Overflow.DROP_OLDEST) {
            return overflow(DropReason.DISK, messages);
        }
        long excess = occupied() + size - config.maxBytes();
        if (excess > 0) {
            if (size > lacking) {
                lacking = size;
                onPressure.run();
            }
            if (config.overflow() != Overflow.DROP_OLDEST) {
                return overflow(DropReason.NEWEST, messages);
            }
            if (excess > config.segmentBytes()) {
                return Rest.WAIT;
            }
        } else if (lacking > 0 && config.overflow() == Overflow.BLOCK) {
            // others wait for room already: going ahead of them would starve the larger messages
            return Rest.WAIT;
        }
        if (groupFull || withheld > MAX_WITHHELD || !filling.hasRoomFor(size)) {
            if (stalled) {
                counters.drop(DropReason.DISK, messages);
                return Rest.DROP;
            }
            groupFull = true;
            return Rest.WAIT;
        }
        return Rest.NONE;
    }

    private Rest tooLarge() {
        if (config.overflow() == Overflow.DROP_NEWEST || config.overflow() == Overflow.DROP_OLDEST) {
            counters.drop(DropReason.TOO_LARGE, 1);
            return Rest.DROP_ONE;
        }
        counters.rejected.add(1);
        return Rest.REJECT_ONE;
    }

    private Rest overflow(DropReason reason, int messages) {
        return switch (config.overflow()) {
            case BLOCK -> Rest.WAIT;
            case REJECT -> {
                counters.rejected.add(messages);
                yield Rest.REJECT;
            }
            case DROP_NEWEST, DROP_OLDEST -> {
                counters.drop(reason, messages);
                yield Rest.DROP;
            }
        };
    }

    private long occupied() {
        return log.bytes() + beingWritten + filling.bytes();
    }

    void whenRoom(Runnable action) {
        lock.lock();
        try {
            roomActions.add(action);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** The actions whose time has come: there is room, or there never will be. For the writer's thread. */
    List<Runnable> takeRoomActions() {
        lock.lock();
        try {
            boolean room = !stalled && !groupFull && lacking == 0 && withheld <= MAX_WITHHELD;
            if (roomActions.isEmpty() || (!room && !closed)) {
                return List.of();
            }
            List<Runnable> due = List.copyOf(roomActions);
            roomActions.clear();
            return due;
        } finally {
            lock.unlock();
        }
    }

    /** Looks again whether there is room, after segments were dropped. */
    void reconsider() {
        lock.lock();
        try {
            if (lacking > 0 && occupied() + lacking <= config.maxBytes()) {
                lacking = 0;
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
     * @return null when the intake is closed and empty
     */
    @Nullable
    Group take() {
        lock.lock();
        try {
            while (filling.isEmpty() && !woken && !closed) {
                work.awaitUninterruptibly();
            }
            woken = false;
            Group next = spare;
            if (next == null || (filling.isEmpty() && closed)) {
                return null;
            }
            Group full = filling;
            taken = full;
            beingWritten = full.bytes();
            filling = next;
            spare = null;
            groupFull = false;
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
            withheld = nowWithheld;
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
            boolean roll = rollWanted && filling.isEmpty();
            rollWanted = false;
            return roll ? nextPosition : -1;
        } finally {
            lock.unlock();
        }
    }

    void setStalled(boolean stalled) {
        lock.lock();
        try {
            this.stalled = stalled;
        } finally {
            lock.unlock();
        }
        onPressure.run();
    }

    boolean isStalled() {
        lock.lock();
        try {
            return stalled;
        } finally {
            lock.unlock();
        }
    }

    /** How many appends wait for a consumer to attach, or for Kafka, since the last group. */
    int withheld() {
        lock.lock();
        try {
            return withheld;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes a message has lacked; 0 if there is room. */
    long lacking() {
        lock.lock();
        try {
            return lacking;
        } finally {
            lock.unlock();
        }
    }

    /** By how many bytes the buffer is larger than it may be, with room for what waits. */
    long excess() {
        lock.lock();
        try {
            return occupied() + lacking - config.maxBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Waits before a failed write is tried again; returns at once when the intake is closed, with false. */
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

    /** Says that dropping segments may now make room. */
    void pressure() {
        onPressure.run();
    }

    /** Ends the intake in whatever state it is; returns who has not heard yet. For the writer's thread, at its end. */
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
