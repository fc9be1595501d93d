package io.sluice.buffer.log;

import io.sluice.file.Folder;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What readers see of the log: its segments, and the end up to which everything is safe. The writer's thread adds, the
 * housekeeper's removes, any thread looks. Thread-safe.
 */
public final class Log {

    private static final Logger LOG = LoggerFactory.getLogger(Log.class);

    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final Folder folder;
    private final UUID bufferId;
    private final Losses losses;
    private volatile long end;

    /** @param recovered at least one segment; the last one is open */
    Log(Folder folder, UUID bufferId, List<Segment> recovered, Losses losses) {
        this.folder = folder;
        this.bufferId = bufferId;
        this.losses = losses;
        for (Segment segment : recovered) {
            segments.put(segment.base(), segment);
            bytes.addAndGet(segment.bytes());
        }
        this.end = last().extent().end();
    }

    public UUID bufferId() {
        return bufferId;
    }

    public Losses losses() {
        return losses;
    }

    /** Opens a segment's file to read it. */
    Folder.File open(Segment segment) throws IOException {
        return folder.open(segment.name());
    }

    /** Adds an open segment, which seals the one before, or replaces it if it has no records and the same base. Positions between the two are given up. */
    void add(Segment segment) {
        Segment before = last();
        Segment replaced = segments.put(segment.base(), segment);
        bytes.addAndGet(segment.bytes() - (replaced == null ? 0 : replaced.bytes()));
        before.seal(segment.header());
        end = Math.max(end, segment.base());
        wakeReaders();
    }

    /** Shows readers what has become safe. */
    void publish(Segment segment, Segment.Extent extent) {
        bytes.addAndGet(extent.bytes() - segment.bytes());
        segment.grow(extent);
        end = extent.end();
        wakeReaders();
    }

    /** Takes the first segment away. */
    public void drop(Segment segment) {
        segment.drop();
        segments.remove(segment.base());
        bytes.addAndGet(-segment.bytes());
    }

    /** The position after the last safe one. */
    public long end() {
        return end;
    }

    /** The first position that is held, or the next one to come. */
    public long start() {
        return first().base();
    }

    /** The position before which nothing is held any more; those from there to {@link #start} were given up. */
    public long heldFrom() {
        return first().header().previousEnd();
    }

    /** Size of all segments in bytes. */
    public long bytes() {
        return bytes.get();
    }

    /** There is always one: the open segment is never taken away. */
    public Segment first() {
        return segments.firstEntry().getValue();
    }

    Segment last() {
        return segments.lastEntry().getValue();
    }

    /** All of them, also those that come or go while somebody looks. */
    public Collection<Segment> segments() {
        return Collections.unmodifiableCollection(segments.values());
    }

    /** The segment that a position belongs to; null if it is before the first one. */
    @Nullable
    Segment containing(long position) {
        Map.Entry<Long, Segment> found = segments.floorEntry(position);
        return found == null ? null : found.getValue();
    }

    /** The segment after a segment; null after the last. */
    @Nullable
    Segment after(Segment segment) {
        Map.Entry<Long, Segment> found = segments.higherEntry(segment.base());
        return found == null ? null : found.getValue();
    }

    /** Wakes threads in {@link #await}, and tells watchers. */
    public void wakeReaders() {
        lock.lock();
        try {
            grown.signalAll();
        } finally {
            lock.unlock();
        }
        watchers.forEach(this::tell);
    }

    /** A reader that fails must not take the writer with it. */
    private void tell(Runnable watcher) {
        try {
            watcher.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A reader of buffer {} could not be told that there is more to read", folder, e);
        }
    }

    /** Tells an action whenever threads in {@link #await} are woken. */
    public void addWatcher(Runnable watcher) {
        watchers.add(watcher);
    }

    public void removeWatcher(Runnable watcher) {
        watchers.remove(watcher);
    }

    /**
     * Waits until there is something to read.
     *
     * @param nanos the longest wait
     * @param nothingToRead checked after each waking
     */
    void await(long nanos, BooleanSupplier nothingToRead) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (left > 0 && nothingToRead.getAsBoolean()) {
                left = grown.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
