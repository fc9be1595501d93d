package io.sluice.buffer.log;

import io.sluice.buffer.record.Lanes;
import io.sluice.file.Folder;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What readers see of the log: its segments, and the end up to which everything is safe. The writer's thread adds, the
 * housekeeper's removes, any thread looks. Thread-safe.
 */
public final class Log {

    private static final Logger LOG = LoggerFactory.getLogger(Log.class);

    /** What blocks may take that several readers share, at the log's end and before it; each of the two. */
    private static final long CACHE_BYTES =
            Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);

    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    /** Who waits for something to read, and in which lanes. */
    private final Map<Runnable, Lanes> watchers = new ConcurrentHashMap<>();

    private final AtomicInteger readers = new AtomicInteger();
    private final BlockCache tail = new BlockCache(CACHE_BYTES);
    private final BlockCache backlog = new BlockCache(CACHE_BYTES);
    private final AtomicLong bytes = new AtomicLong();
    private final Folder folder;
    private final UUID bufferId;
    private final Losses losses;
    private volatile long end;
    private long untold;

    /**
     * The log of segments that an earlier process left.
     *
     * @param headers by rising position; at least one, and the last one is that of the open segment
     * @param sizes how much of each segment's file readers may see, in bytes, by base position
     * @param end the position after the last record
     */
    public Log(
            Folder folder,
            UUID bufferId,
            Collection<SegmentHeader> headers,
            Map<Long, Long> sizes,
            long end,
            Losses losses) {
        this.folder = folder;
        this.bufferId = bufferId;
        this.losses = losses;
        Segment before = null;
        for (SegmentHeader header : headers) {
            if (before != null) {
                before.seal(header);
                before.grow(new Segment.Extent(before.bytes(), header.previousEnd()));
            }
            before = new Segment(header, sizes.getOrDefault(header.base(), 0L));
            segments.put(header.base(), before);
            bytes.addAndGet(before.bytes());
        }
        Segment open = last();
        this.end = Math.max(end, open.base());
        open.grow(new Segment.Extent(open.bytes(), this.end));
    }

    public UUID bufferId() {
        return bufferId;
    }

    public Losses losses() {
        return losses;
    }

    Folder.File open(Segment segment) throws IOException {
        return folder.open(segment.name());
    }

    /**
     * Adds an open segment. It seals the one before, or replaces it if that has no records and the same base. Nobody gets the
     * positions between the two.
     */
    void add(Segment segment) {
        Segment before = last();
        Segment replaced = segments.put(segment.base(), segment);
        bytes.addAndGet(segment.bytes() - (replaced == null ? 0 : replaced.bytes()));
        before.seal(segment.header());
        end = Math.max(end, segment.base());
        wakeReaders(Lanes.ALL);
    }

    /**
     * Shows readers what has become safe, and wakes those for whose lanes something came. The others find by themselves
     * that it is not for them, unless there is so much of it that they would have to read it from the disk then.
     */
    void publish(Segment segment, Segment.Extent extent, Supplier<Block> records) {
        long added = extent.bytes() - segment.bytes();
        Lanes lanes = isShared() && added <= CACHE_BYTES / 2 ? keepAtEnd(records) : Lanes.ALL;
        bytes.addAndGet(added);
        segment.grow(extent);
        end = extent.end();
        wakeReaders(lanes);
        untold = lanes.equals(Lanes.ALL) ? 0 : untold;
    }

    /** Returns who is to be woken. Readers can do without what is kept, and the writer must not fail for want of memory. */
    private Lanes keepAtEnd(Supplier<Block> records) {
        try {
            Block block = records.get();
            tail.put(block);
            untold += block.bytes();
            return untold < CACHE_BYTES / 4 ? block.lanes() : Lanes.ALL;
        } catch (OutOfMemoryError e) {
            return Lanes.ALL;
        }
    }

    /** Whether there are several readers, so that it pays to keep what one has checked for the others. */
    boolean isShared() {
        return readers.get() > 1;
    }

    /** Keeps what a reader has read and checked. */
    void keep(Block block) {
        backlog.put(block);
    }

    @Nullable
    Block kept(Segment segment, long position) {
        Block found = tail.holding(segment, position);
        return found == null ? backlog.holding(segment, position) : found;
    }

    /** A reader begins, who is woken for its lanes. */
    void begin(Lanes lanes, Runnable wake) {
        readers.incrementAndGet();
        addWatcher(lanes, wake);
    }

    void end(Runnable wake) {
        removeWatcher(wake);
        if (readers.decrementAndGet() < 2) {
            tail.clear();
            backlog.clear();
        }
    }

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

    /** The log holds nothing before this position; nobody got those from there to {@link #start}. */
    public long heldFrom() {
        return first().header().previousEnd();
    }

    /** Size of all segments in bytes. */
    public long bytes() {
        return bytes.get();
    }

    /** About how many bytes of records there are from a position on. */
    public long bytesFrom(long position) {
        if (position >= end) {
            return 0;
        }
        Long from = segments.floorKey(position);
        return segments.tailMap(from == null ? position : from).values().stream()
                .mapToLong(segment -> segment.bytesFrom(position))
                .sum();
    }

    /** There is always one: the open segment is never taken away. */
    public Segment first() {
        return segments.firstEntry().getValue();
    }

    /** The open segment. */
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

    /** Wakes the readers of some lanes, and tells their watchers. */
    public void wakeReaders(Lanes lanes) {
        watchers.forEach((watcher, wanted) -> {
            if (lanes.equals(Lanes.ALL) || lanes.intersects(wanted)) {
                tell(watcher);
            }
        });
    }

    /** A reader that fails must not take the writer with it. */
    private void tell(Runnable watcher) {
        try {
            watcher.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A reader of buffer {} could not be told that there is more to read", folder, e);
        }
    }

    /** Runs an action whenever there may be more to read in some lanes. */
    public void addWatcher(Lanes lanes, Runnable action) {
        watchers.put(action, lanes);
    }

    public void removeWatcher(Runnable action) {
        watchers.remove(action);
    }
}
