package io.sluice.buffer;

import io.sluice.buffer.consumer.ConsumerRegistry;
import io.sluice.buffer.log.Births;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.Segment;
import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.recovery.Checkpoint.Orphans;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.file.Folder;
import io.sluice.thread.Repeated;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that persists what consumers have acknowledged, drops segments that nobody needs, lets consumers expire, and
 * reports when the buffer is full and when it no longer is. Once a second, and at once when free space is short. It
 * persists before it deletes, so that no restart takes the missing segments for lost.
 */
final class Housekeeper implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TICKS_BETWEEN_CHECKPOINTS = 60;

    private final BufferConfig config;
    private final Folder folder;
    private final Log log;
    private final Births births;
    private final Counters counters;
    private final ConsumerRegistry consumers;
    private final Appender appender;
    private final Checkpoints checkpoints;
    private final ArrivalTimes arrivals;
    private final Repeated rounds;
    private final BufferThread thread;
    private volatile Orphans orphans;
    private long lastTick = System.nanoTime();
    private int ticks;
    private boolean reportedFull;
    private boolean reportedPressed;
    private boolean reportedWithheld;
    private long droppedBefore;
    private volatile boolean pressed;
    private volatile boolean woken;
    private volatile boolean closed;

    Housekeeper(
            BufferConfig config,
            Folder folder,
            Log log,
            Births births,
            Counters counters,
            ConsumerRegistry consumers,
            Appender appender,
            Checkpoints checkpoints,
            ArrivalTimes arrivals,
            Orphans orphans) {
        this.config = config;
        this.folder = folder;
        this.log = log;
        this.births = births;
        this.counters = counters;
        this.consumers = consumers;
        this.appender = appender;
        this.checkpoints = checkpoints;
        this.arrivals = arrivals;
        this.orphans = orphans;
        this.rounds = new Repeated(
                this::roundIfDue, e -> LOG.error("Housekeeping of buffer {} failed; it goes on", folder, e));
        this.thread = new BufferThread(this, "sluice-buffer-housekeeper", folder);
    }

    void start() {
        thread.start();
    }

    /** Space was found short, or the buffer full, or is no longer. */
    void pressure() {
        woken = true;
        LockSupport.unpark(thread);
    }

    void progress() {
        if (pressed) {
            pressure();
        }
    }

    @Override
    public void run() {
        while (!closed) {
            if (!woken) {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
            rounds.run();
        }
        // on this thread, which nobody interrupts: an interrupt closes the file that its thread works on
        try {
            elapse();
        } finally {
            checkpoints.changed();
            checkpoints.save();
            checkpoints.close();
            births.save(log, true);
        }
    }

    private void roundIfDue() {
        boolean early = woken;
        woken = false;
        boolean tick = System.nanoTime() - lastTick >= TICK_NANOS;
        if (tick || early) {
            round(tick);
        }
    }

    private void round(boolean tick) {
        if (tick) {
            elapse();
            arrivals.note(log.end());
        }
        FreeSpace.Now space = appender.space();
        pressed = space.isShort() || space.isPressed();
        trim(space);
        appender.reconsider();
        report();
        if (tick) {
            if (++ticks % TICKS_BETWEEN_CHECKPOINTS == 0) {
                checkpoints.changed();
            }
            checkpoints.save();
            births.save(log, false);
        }
    }

    private void elapse() {
        long now = System.nanoTime();
        long millis = TimeUnit.NANOSECONDS.toMillis(now - lastTick);
        lastTick = now;
        Orphans held = orphans.since(log.start());
        orphans = held.equals(Orphans.NONE) ? held : new Orphans(held.end(), held.heldMs() + millis);
        ConsumerRegistry.Elapsed elapsed = consumers.elapse(millis);
        for (String name : elapsed.expired()) {
            LOG.warn(
                    "Connector '{}' was not attached for buffer.consumer.expiry.ms ({}): messages are no longer kept"
                            + " for it",
                    name,
                    config.consumerExpiry());
        }
        if (!elapsed.forgotten().isEmpty()) {
            LOG.warn(
                    "Buffer {} forgets connectors that have expired, since it remembers {} of them: {}",
                    folder,
                    ConsumerRegistry.MOST_EXPIRED,
                    elapsed.forgotten());
        }
    }

    /**
     * Drops what nobody needs, and with drop.oldest what is too much. What is kept for replay goes before an append lacks
     * its space: that it is kept is a wish, and that a message finds space is a promise.
     */
    private void trim(FreeSpace.Now space) {
        long excess = space.excess();
        long floor = mustKeepOrphans(space) ? Long.MIN_VALUE : consumers.floor();
        boolean force = config.overflow() == Overflow.DROP_OLDEST;
        boolean diskFull = force && space.stalled() && isDiskFull();
        long now = System.currentTimeMillis();
        List<Segment> dropped = new ArrayList<>();
        for (Segment segment : log.segments()) {
            if (!segment.isSealed()) {
                if (excess > 0 && segment.hasRecords() && (force || floor >= log.end())) {
                    appender.wantRoll();
                }
                break;
            }
            boolean delivered = segment.end() <= floor;
            boolean wanted = !delivered && !((force && excess > 0) || diskFull);
            boolean retained = delivered
                    && ageMs(segment, now) < config.retention().toMillis()
                    && excess <= -space.reserve()
                    && !space.stalled();
            if (wanted || retained) {
                break;
            }
            if (!delivered) {
                dropWanted(segment, floor);
                diskFull = false;
            }
            dropped.add(segment);
            excess -= segment.bytes();
        }
        drop(dropped);
    }

    /** A segment that was sealed while the clock was ahead is as old as one that is sealed now. */
    private static long ageMs(Segment segment, long now) {
        return Math.max(0, now - segment.sealedAtMs());
    }

    Orphans orphans() {
        return orphans.since(log.start());
    }

    /**
     * Whoever may own them has as long to come back as any other consumer; but once somebody has come, nobody else's
     * message is kept out for them.
     */
    private boolean mustKeepOrphans(FreeSpace.Now space) {
        Orphans held = orphans();
        if (held.equals(Orphans.NONE)) {
            return false;
        }
        long expiryMs = config.consumerExpiry().toMillis();
        boolean expired = expiryMs > 0 && held.heldMs() >= expiryMs;
        return !consumers.anyKnown() || (!expired && space.excess() <= 0 && !space.stalled());
    }

    private boolean isDiskFull() {
        try {
            return folder.usableBytes() < config.segmentBytes();
        } catch (IOException e) {
            return false;
        }
    }

    private void dropWanted(Segment segment, long floor) {
        long from = Math.max(segment.base(), floor);
        counters.drops.add(DropReason.OLDEST, segment.end() - from);
        log.losses().remember(new Gap(from, segment.end(), "the buffer was full, and buffer.overflow is drop.oldest"));
    }

    private void drop(List<Segment> segments) {
        if (segments.isEmpty()) {
            return;
        }
        boolean kept = keepBirths(segments);
        segments.forEach(log::drop);
        checkpoints.changed();
        boolean persisted = checkpoints.save();
        delete(segments);
        if (!persisted) {
            // on a full disk a checkpoint that has grown needs the space that was just made
            checkpoints.save();
        }
        births.gone(log);
        if (!kept) {
            keepBirths(List.of());
        }
    }

    /** Whatever is wrong with births costs names of metrics, and never the space that segments take. */
    private boolean keepBirths(List<Segment> segments) {
        try {
            births.keep(log, segments);
            return births.save(log, false);
        } catch (RuntimeException | Error e) {
            LOG.error("Births of buffer {} cannot be kept: {}; metrics may lack their names", folder, e.toString());
            return false;
        }
    }

    private void delete(List<Segment> segments) {
        for (Segment segment : segments) {
            try {
                folder.delete(segment.name());
            } catch (IOException e) {
                LOG.warn("{} in {} could not be deleted: {}", segment, folder, e.toString());
            }
        }
        try {
            folder.force();
        } catch (IOException e) {
            LOG.warn("The deletion of segments in {} could not be synced to disk: {}", folder, e.toString());
        }
    }

    /** One line when messages begin to find no space, and one when they find some again: never one for each message. */
    private void report() {
        FreeSpace.Now space = appender.space();
        boolean full = space.lacking() > 0;
        boolean pressedNow = space.isPressed();
        if (pressedNow && !reportedPressed) {
            droppedBefore = dropped();
        }
        if (full && !reportedFull) {
            LOG.warn(
                    "Buffer {} is full ({} of {} bytes); buffer.overflow is {}. Messages are kept for {}",
                    folder,
                    log.bytes(),
                    config.maxBytes(),
                    config.overflow(),
                    consumers.holders(Math.min(log.first().end(), log.end()) - 1));
        }
        if (!pressedNow && reportedPressed) {
            LOG.warn("Buffer {} takes messages again; {} were dropped or refused", folder, dropped() - droppedBefore);
        }
        reportedFull = full;
        reportedPressed = pressedNow;
        reportWithheld(space);
    }

    private void reportWithheld(FreeSpace.Now space) {
        boolean tooMany = space.isTooManyWithheld();
        if (tooMany && !reportedWithheld) {
            LOG.warn(
                    "{} appends to buffer {} wait until Kafka acknowledges them or a connector attaches, and no more may"
                            + " wait: until then the broker takes no message that a connector wants",
                    space.withheld(),
                    folder);
        } else if (!tooMany && reportedWithheld) {
            LOG.warn("Fewer appends to buffer {} wait: the broker takes messages again", folder);
        }
        reportedWithheld = tooMany;
    }

    private long dropped() {
        return counters.rejected.sum()
                + counters.drops.counts().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    /** Ends the thread, and persists what is remembered a last time. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        thread.awaitEnd();
    }
}
