package io.sluice.buffer;

import io.sluice.buffer.consumer.ConsumerRegistry;
import io.sluice.buffer.log.SegmentWriter;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.Records;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writer's thread: takes group after group, writes it, forces it, shows it to readers, and tells those who wait.
 * While it writes one group the next one gathers, so that groups grow with the load and with the disk's latency.
 *
 * <ul>
 *   <li>It repeats a write that fails (the disk is full, or broken) until it succeeds or the buffer is closed. Meanwhile the
 *       appender treats the buffer as full.
 *   <li>It never repeats a force that fails. The group fails, and the next one goes to a new segment.
 *   <li>While no consumer is attached, it tells nobody that messages are safe, unless the configuration says otherwise:
 *       nothing is acknowledged into a buffer that nobody drains.
 *   <li>It tells those who wait for a release of packet identifiers as soon as that is safe.
 *   <li>Where somebody wants messages delivered, it waits until all who want so have acknowledged them in their lanes.
 * </ul>
 */
final class Committer implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 2_000;

    private final Appender appender;
    private final SegmentWriter segments;
    private final Counters counters;
    private final ConsumerRegistry consumers;
    private final boolean acknowledgesUnattached;
    private final String where;
    private final Deque<Group.Waiting> unattached = new ArrayDeque<>();
    private final Undelivered undelivered = new Undelivered();
    private long pauseMs;
    private volatile Optional<String> failure = Optional.empty();

    Committer(
            Appender appender,
            SegmentWriter segments,
            Counters counters,
            ConsumerRegistry consumers,
            boolean acknowledgesUnattached,
            String where) {
        this.appender = appender;
        this.segments = segments;
        this.counters = counters;
        this.consumers = consumers;
        this.acknowledgesUnattached = acknowledgesUnattached;
        this.where = where;
    }

    @Override
    public void run() {
        BufferException end = new BufferException("the buffer was closed before a connector had come for the message");
        try {
            for (Group group = appender.take(); group != null; group = appender.take()) {
                if (!commit(group)) {
                    // what comes behind it would be safe without what came before
                    end = new BufferException("the buffer was closed before " + where + " could be written");
                    break;
                }
                release();
                rollIfWanted();
                appender.giveBack(group, unattached.size() + undelivered.size());
                runRoomActions();
            }
            release();
            segments.close();
        } catch (IOException | RuntimeException | Error e) {
            failure = Optional.of("The buffer in " + where + " has stopped (" + e
                    + "): nothing more is captured until the broker is started again.");
            end = new BufferException("the buffer has stopped: " + e, e);
            LOG.error("Buffer {} has stopped: nothing more is captured until the broker is started again", where, e);
        } finally {
            failRest(appender.closeAndTakeWaiting(), end);
            failRest(unattached, end);
            for (Deque<Group.Waiting> queue : undelivered.queues()) {
                failRest(queue, end);
            }
            runRoomActions();
        }
    }

    /** Why this thread has ended, in a sentence, if it has by an error. */
    Optional<String> failure() {
        return failure;
    }

    /** Makes a group safe, or says that it is not; returns false if the buffer was closed before it could be written. */
    private boolean commit(Group group) {
        Records records = group.records();
        Queue<Group.Waiting> waiting = group.waiting();
        int from = 0;
        withholdUpTo(records.isEmpty() ? Long.MAX_VALUE : records.positionAt(0), waiting);
        while (from < records.bytes()) {
            int to;
            long begunNs = counters.groupTimes.now();
            try {
                to = segments.prepare(records, from);
                segments.write(records, from, to);
            } catch (IOException e) {
                if (tryAgain(e)) {
                    continue;
                }
                failRest(
                        waiting,
                        records.positionAt(from),
                        new BufferException("the buffer was closed before " + where + " could be written", e));
                return false;
            }
            goesOn();
            long end = records.positionAt(to);
            try {
                segments.force();
            } catch (IOException e) {
                forceFailed(records, from, e);
                failRest(
                        waiting,
                        records.positionAt(from),
                        new BufferException("the buffer in " + where + " could not be synced to disk", e));
                return true;
            }
            // before the log counts them: counted twice, they could push older messages out
            appender.settle(to - from);
            segments.publish(records, from, to);
            counters.groups.increment();
            counters.groupTimes.add(end - records.positionAt(from), counters.groupTimes.now() - begunNs);
            withholdUpTo(end, waiting);
            from = to;
        }
        return true;
    }

    private void withholdUpTo(long end, Queue<Group.Waiting> waiting) {
        for (Group.Waiting next = waiting.peek(); next != null && next.last() < end; next = waiting.peek()) {
            waiting.remove();
            switch (next.until()) {
                case FORCED -> tell(next.listener()::safe);
                case ATTACHED -> unattached.add(next);
                case DELIVERED -> undelivered.add(next);
            }
        }
    }

    private boolean tryAgain(IOException e) {
        if (pauseMs == 0) {
            LOG.error(
                    "Buffer {} cannot be written ({}): until it can, the broker acknowledges nothing. It keeps trying",
                    where,
                    e.toString());
            appender.setStalled(true);
        }
        pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), LONGEST_PAUSE_MS);
        return appender.pause(pauseMs);
    }

    private void goesOn() {
        if (pauseMs != 0) {
            LOG.warn("Buffer {} can be written again", where);
            pauseMs = 0;
            appender.setStalled(false);
        }
    }

    private void forceFailed(Records records, int from, IOException e) {
        long messages = records.messagesFrom(from);
        LOG.error(
                "Buffer {} could not be synced to disk: the broker does not acknowledge {} messages, and begins a new segment",
                where,
                messages,
                e);
        counters.drops.add(DropReason.FORCE_FAILED, messages);
        segments.abandon(records, from);
    }

    private void rollIfWanted() {
        long base = appender.takeRollWanted();
        if (base >= 0) {
            try {
                segments.roll(base);
                appender.pressure();
            } catch (IOException e) {
                LOG.warn("Buffer {} could not begin a new segment: {}", where, e.toString());
            }
        }
    }

    private void release() {
        if (!acknowledgesUnattached && !consumers.anyAttached()) {
            return;
        }
        for (Group.Waiting next = unattached.poll(); next != null; next = unattached.poll()) {
            tell(next.listener()::safe);
        }
        if (undelivered.size() > 0) {
            undelivered.release(consumers.delivered(), next -> tell(next.listener()::safe));
        }
    }

    private void failRest(Collection<Group.Waiting> waiting, BufferException cause) {
        failRest(waiting, 0, cause);
    }

    /** @param end before this position, all is in the buffer, also of an append that goes beyond it */
    private void failRest(Collection<Group.Waiting> waiting, long end, BufferException cause) {
        waiting.forEach(one -> tell(() -> one.listener().failed(cause, (int) Math.max(0, end - one.first()))));
        waiting.clear();
    }

    private void tell(Runnable hearing) {
        try {
            hearing.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A listener of buffer {} failed", where, e);
        }
    }

    private void runRoomActions() {
        for (Runnable action : appender.takeRoomActions()) {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                LOG.error("An action that waited for free space in buffer {} failed", where, e);
            }
        }
    }
}
