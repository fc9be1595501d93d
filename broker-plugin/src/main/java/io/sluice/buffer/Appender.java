package io.sluice.buffer;

import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.Group.Delivery;
import io.sluice.buffer.Group.Until;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.Records;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where messages enter: asks for {@link FreeSpace}, gives positions, and gathers records for the writer's thread. It holds
 * its lock while it encodes one append, never while it touches a file. Thread-safe.
 *
 * <p>Two groups take turns: appends fill one while the writer writes the other. When the one to be filled is full, appends
 * wait for the writer, whatever the overflow policy: that is a matter of milliseconds.
 */
final class Appender {

    private final Log log;
    private final Counters counters;
    private final Runnable onPressure;
    private final FreeSpace space;
    private final List<Runnable> whenFree = new ArrayList<>();
    private Group filling = new Group();
    private @Nullable Group spare = new Group();
    private long nextPosition;
    private @Nullable Group taken;
    private long beingWritten;
    private boolean woken;
    private boolean rollWanted;
    private boolean closed;
    private boolean ended;

    /** @param onPressure called when space is found short, or the buffer full; must be cheap */
    Appender(BufferConfig config, Log log, Counters counters, long nextPosition, Runnable onPressure) {
        this.log = log;
        this.counters = counters;
        this.nextPosition = nextPosition;
        this.onPressure = onPressure;
        this.space = new FreeSpace(config, counters, onPressure);
    }

    /** @param delivery who wants one of these messages delivered, if anybody does */
    Admission append(List<Message> messages, AppendListener listener, Delivery delivery) {
        messages.forEach(Records::requireStorable);
        return asAWhole(() -> add(messages, listener, delivery));
    }

    private Admission add(List<Message> messages, AppendListener listener, Delivery delivery) {
        int accepted = 0;
        int settled = messages.size();
        int bytesBefore = filling.records().bytes();
        Rest rest = Rest.NONE;
        for (Message message : messages) {
            long sizeLimit = Records.sizeLimit(message);
            boolean fits = space.everFits(sizeLimit);
            rest = closed
                    ? Rest.REJECT
                    : fits
                            ? space.admit(
                                    sizeLimit,
                                    messages.size() - accepted,
                                    occupied(),
                                    filling.records().hasRoomFor(sizeLimit))
                            : space.tooLarge();
            if (rest != Rest.NONE) {
                settled = rest == Rest.WAIT ? accepted : closed || fits ? settled : accepted + 1;
                break;
            }
            filling.records().add(nextPosition, message, (int) sizeLimit);
            nextPosition++;
            accepted++;
        }
        Admission admission = new Admission(accepted, rest, settled);
        if (accepted > 0) {
            filling.addWaiting(
                    accepted, listener, delivery.consumers() == 0 ? Until.ATTACHED : Until.DELIVERED, delivery);
            counters.appended.add(accepted);
            counters.appendedBytes.add(filling.records().bytes() - bytesBefore);
            notifyAll();
        }
        return admission;
    }

    /** Leaves nothing in the log of what fails on its way, for lack of memory: whoever appends takes all of it for refused. */
    private synchronized <T> T asAWhole(Supplier<T> append) {
        int bytesBefore = filling.records().bytes();
        long positionBefore = nextPosition;
        try {
            return append.get();
        } catch (RuntimeException | Error e) {
            filling.records().cutOff(bytesBefore, positionBefore);
            nextPosition = positionBefore;
            throw e;
        }
    }

    /**
     * Appends releases of packet identifiers. Like all control records they are taken also when the buffer is full, or the
     * disk takes nothing: each identifier has one at most, so that there are not more than there were messages.
     *
     * @return false if the appender is closed
     */
    boolean release(String clientId, List<Integer> packetIds, AppendListener listener) {
        return asAWhole(() -> {
            if (closed) {
                return false;
            }
            for (int packetId : packetIds) {
                filling.records().addRelease(nextPosition++, clientId, packetId);
            }
            filling.addWaiting(packetIds.size(), listener, Until.FORCED, Delivery.NONE);
            notifyAll();
            return true;
        });
    }

    void endSession(String clientId) {
        asAWhole(() -> {
            if (!closed) {
                filling.records().addSessionEnd(nextPosition++, clientId);
                notifyAll();
            }
            return true;
        });
    }

    /** Tells a listener when what is in some lanes of the log before a position may be acknowledged. */
    synchronized void await(long end, Lanes lanes, AppendListener listener) {
        filling.waiting().add(new Group.Waiting(end, end - 1, listener, Until.DELIVERED, Delivery.toAll(lanes)));
        wake();
    }

    private long occupied() {
        return log.bytes() + beingWritten + filling.records().bytes();
    }

    void whenFree(Runnable action) {
        synchronized (this) {
            if (!ended) {
                whenFree.add(action);
                wake();
                return;
            }
        }
        action.run();
    }

    /** The actions whose time has come: there is free space, or there never will be. For the writer's thread. */
    synchronized List<Runnable> takeRoomActions() {
        if (whenFree.isEmpty() || (!space.isThere() && !closed)) {
            return List.of();
        }
        List<Runnable> due = List.copyOf(whenFree);
        whenFree.clear();
        return due;
    }

    synchronized void reconsider() {
        if (space.reconsider(occupied())) {
            wake();
        }
    }

    /**
     * Waits for work, and takes the group that was filled, which may be empty if there is other work. For the writer's
     * thread, which must {@link #giveBack} the group.
     *
     * @return null when the appender is closed and empty
     */
    @Nullable
    synchronized Group take() {
        while (filling.records().isEmpty() && !woken && !closed) {
            await(Long.MAX_VALUE);
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
    }

    /** Part of the taken group is in the log from now on, or never will be. */
    synchronized void settle(int bytes) {
        beingWritten -= bytes;
    }

    void giveBack(Group group, int nowWithheld) {
        group.clear();
        synchronized (this) {
            spare = group;
            taken = null;
            beingWritten = 0;
            space.setWithheld(nowWithheld);
        }
    }

    /** Makes the writer's thread look for other work than a group. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /** Asks for the open segment to be sealed, so that it can be dropped. */
    synchronized void wantRoll() {
        rollWanted = true;
        wake();
    }

    /** The base of a new segment if one is wanted; -1 if none is. For the writer's thread, between groups. */
    synchronized long takeRollWanted() {
        boolean roll = rollWanted && filling.records().isEmpty();
        rollWanted = false;
        return roll ? nextPosition : -1;
    }

    void setStalled(boolean stalled) {
        synchronized (this) {
            space.setStalled(stalled);
        }
        onPressure.run();
    }

    synchronized FreeSpace.Now space() {
        return space.now(occupied());
    }

    /** Waits before a failed write is tried again; returns at once when the appender is closed, with false. */
    synchronized boolean pause(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = deadline - System.nanoTime(); left > 0 && !closed; left = deadline - System.nanoTime()) {
            await(left);
        }
        return !closed;
    }

    /** Waits for a change, in a loop. The writer's thread ends when the appender is closed, and nobody interrupts it. */
    private synchronized void await(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        } catch (InterruptedException nobodys) {
            // looks again
        }
    }

    /** Says that dropping segments may now free space. */
    void pressure() {
        onPressure.run();
    }

    /** Ends the appender in whatever state it is; returns who has not heard yet. For the writer's thread, at its end. */
    synchronized List<Group.Waiting> closeAndTakeWaiting() {
        closed = true;
        ended = true;
        List<Group.Waiting> waiting = new ArrayList<>();
        if (taken != null) {
            waiting.addAll(taken.waiting());
            taken.waiting().clear();
        }
        waiting.addAll(filling.waiting());
        filling.waiting().clear();
        return waiting;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
