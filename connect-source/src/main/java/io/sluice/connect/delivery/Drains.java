package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.route.Routes;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.connect.telemetry.TaskStats;
import io.sluice.remote.BufferUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * Drains all buffers of a task as if they were one: whichever has something is read, in turn, and one that has nothing,
 * or is not attached yet, holds up none of the others. {@link #poll} is for one thread; the rest is thread-safe.
 */
public final class Drains implements AutoCloseable {

    /** Bounds how long a task takes to stop and to be paused. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    private final OffsetStorageReader stored;
    private final Routes routes;
    private final BatchLimits limits;
    private final DeadLetterPolicy deadLetters;
    private final GivenUp givenUp;
    private final LossLog losses;
    private final TaskEvents events;
    private final SparkplugLog sparkplug;
    private final List<Found> attached = new ArrayList<>();
    private final Set<String> awaited = ConcurrentHashMap.newKeySet();
    private final SilenceWatch silence;
    private final LongSupplier mostKept;
    private final List<Drain> drains = new CopyOnWriteArrayList<>();
    private final Semaphore bell = new Semaphore(0);
    private volatile @Nullable RuntimeException failure;
    private int next;
    private boolean closed;

    /**
     * Drains no buffer yet.
     *
     * @param stored the offsets that Kafka Connect holds
     * @param routes for messages of all buffers, so that the Kafka topics that they may make are counted together
     * @param givenUp tells records that Kafka Connect has given up from those that are left out on purpose
     */
    public Drains(
            OffsetStorageReader stored,
            Routes routes,
            BatchLimits limits,
            DeadLetterPolicy deadLetters,
            GivenUp givenUp,
            LossLog losses,
            TaskEvents events) {
        this(stored, routes, limits, deadLetters, givenUp, losses, events, KeptLimit::perTask);
    }

    /** @param mostKept how many settled records the task may remember, as one before them is not settled */
    Drains(
            OffsetStorageReader stored,
            Routes routes,
            BatchLimits limits,
            DeadLetterPolicy deadLetters,
            GivenUp givenUp,
            LossLog losses,
            TaskEvents events,
            LongSupplier mostKept) {
        this.stored = stored;
        this.routes = routes;
        this.limits = limits;
        this.deadLetters = deadLetters;
        this.givenUp = givenUp;
        this.losses = losses;
        this.events = events;
        this.sparkplug = new SparkplugLog(events);
        this.mostKept = mostKept;
        this.silence = new SilenceWatch(losses.connector(), events, this::silence);
        KeptLimit.begin();
    }

    private record Found(Attachment buffer, String place) {}

    /** Announces a buffer that is to be attached to. */
    public void await(String place) {
        awaited.add(place);
    }

    /**
     * Takes over a buffer to which the connector has just attached; it is drained from the next poll on.
     *
     * @param place where it was found, as shown to people
     */
    public void add(Attachment buffer, String place) {
        awaited.remove(place);
        synchronized (attached) {
            if (!closed) {
                buffer.onReadable(this::wake);
                attached.add(new Found(buffer, place));
                wake();
                return;
            }
        }
        buffer.close();
    }

    /** Lets the next poll fail: a buffer can never be attached to as things are. */
    public void fail(RuntimeException cause) {
        failure = cause;
        wake();
    }

    private void wake() {
        if (bell.availablePermits() == 0) {
            bell.release();
        }
    }

    /**
     * The next records of one of the buffers; waits half a second at most, and returns none if there is nothing to read.
     *
     * @throws ConnectException if a message cannot be mapped and may not be left out, or a
     *     buffer fails, now or in an earlier acknowledgement
     */
    public List<SourceRecord> poll() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        drains.forEach(Drain::polling);
        givenUp.polling();
        do {
            bell.drainPermits();
            rethrowFailure();
            begin();
            for (int i = 0; i < drains.size(); i++) {
                next = (next + 1) % drains.size();
                List<SourceRecord> records = drains.get(next).poll();
                if (!records.isEmpty()) {
                    return records;
                }
            }
        } while (System.nanoTime() < deadline && bell.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
        return List.of();
    }

    private void rethrowFailure() {
        RuntimeException earlier = failure;
        if (earlier != null) {
            throw new ConnectException(earlier.getMessage(), earlier);
        }
    }

    /**
     * Decides where reading begins in each buffer that was added. Every poll does so first; to do it earlier tells earlier of
     * what is wrong. For the thread that polls.
     *
     * @throws ConnectException if Kafka Connect holds an offset that the buffer cannot have
     *     given
     */
    public void begin() {
        synchronized (attached) {
            attached.removeIf(found -> {
                try {
                    return drains.add(drain(found));
                } catch (BufferUnreachableException away) {
                    return false; // lost again since it was added: the next poll tries
                }
            });
        }
    }

    private Drain drain(Found found) {
        Attachment buffer = found.buffer();
        BuffersInUse.begin(losses.connector(), buffer.bufferId(), found.place());
        try {
            return drain(buffer);
        } catch (RuntimeException | Error e) {
            BuffersInUse.end(losses.connector(), buffer.bufferId());
            throw e;
        }
    }

    private Drain drain(Attachment buffer) {
        SourceOffsets offsets = new SourceOffsets(buffer.bufferId(), buffer::run);
        Suspicion suspicion = new Suspicion(losses.connector(), buffer);
        Resume resume = new Resume(buffer, offsets.read(stored, buffer.lanes()), suspicion.refusedBefore());
        Drain begun = new Drain(
                buffer,
                resume,
                offsets,
                suspicion,
                routes,
                limits,
                deadLetters,
                givenUp,
                losses,
                sparkplug,
                this::wake,
                this::isTooMuchKept);
        if (buffer.isFirst()) {
            events.created(buffer.bufferId());
        }
        losses.attached(begun.stats().lag(), buffer.isFirst(), buffer.bufferId());
        return begun;
    }

    private boolean isTooMuchKept() {
        return drains.stream().mapToLong(Drain::keptBehind).sum() > mostKept.getAsLong();
    }

    /**
     * Takes note that a record that a poll returned is settled.
     *
     * @param sent whether it is in Kafka; false if a transformation or a tolerated failure dropped it
     */
    public void settled(SourceRecord record, boolean sent) {
        if (record instanceof MqttSourceRecord ours) {
            ours.origin().drain().settled(ours, sent);
        }
    }

    public void committed() {
        drains.forEach(Drain::committed);
    }

    private Optional<Silence> silence() {
        return drains.stream()
                .map(Drain::silence)
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(Silence::forMs));
    }

    /** Why Kafka acknowledges nothing, if it has not for a while. Any thread may ask. */
    public Optional<String> stall() {
        return silence().filter(SilenceWatch::isStall).map(Silence::reason);
    }

    /** The drains at this moment. Changes nothing, is cheap, and may be called by any thread, also after the end. */
    public TaskStats stats() {
        List<Drain.Snapshot> each = drains.stream().map(Drain::stats).toList();
        return new TaskStats(
                each.size(),
                each.stream().mapToLong(Drain.Snapshot::lag).sum(),
                each.stream().mapToLong(Drain.Snapshot::oldestAgeMs).max().orElse(0),
                each.stream().mapToLong(Drain.Snapshot::delivered).sum(),
                losses.filteredCount()
                        + each.stream().mapToLong(Drain.Snapshot::filtered).sum(),
                losses.deadLetterCount(),
                losses.skippedCount(),
                awaited.size(),
                silence().map(Silence::forMs).orElse(0L),
                losses.lostCount(),
                sparkplug.unknownAliasCount(),
                sparkplug.sequenceGapCount());
    }

    /** Tells the buffers what is dealt with and detaches from them. Idempotent. */
    @Override
    public void close() {
        silence.close();
        List<Runnable> ends = new ArrayList<>();
        synchronized (attached) {
            if (!closed) {
                KeptLimit.end();
            }
            closed = true;
            attached.forEach(found -> ends.add(found.buffer()::close));
            attached.clear();
        }
        drains.forEach(drain -> ends.add(drain::close));
        runAll(ends.iterator());
    }

    /** Runs also what comes behind one that throws: no buffer may be held because of another. */
    private static void runAll(Iterator<Runnable> ends) {
        if (ends.hasNext()) {
            try {
                ends.next().run();
            } finally {
                runAll(ends);
            }
        }
    }
}
