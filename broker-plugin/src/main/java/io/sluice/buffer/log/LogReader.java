package io.sluice.buffer.log;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordDecoder;
import io.sluice.buffer.record.RecordFilter;
import io.sluice.buffer.record.RecordHeader;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log for one attachment, with a separate file handle and chunk: the page cache does the rest, and the
 * writer is not held up. It checks every record that it passes, and decodes those that the attachment wants only for
 * whoever asks for messages. One thread at a time.
 */
public final class LogReader {

    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);

    /** So much is gathered from several blocks: what came apart is handed on in one. */
    private static final int ENOUGH_BYTES = 256 * 1024;

    private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);

    /** However little time there is, a read looks at so many bytes before it gives up. */
    private static final long LEAST_BYTES = 1 << 20;

    /** A disk that fails for a shorter time is asked again; one that fails for longer is the operator's. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final Log log;
    private final RecordFilter filter;
    private final long deliveredBefore;
    private final boolean heldUp;
    private final Semaphore bell = new Semaphore(0);
    private final Runnable wake = this::wake;
    private final RecordHeader header = new RecordHeader();
    private final Gathered gathered = new Gathered();
    /** Absent until messages are read. */
    private @Nullable RecordDecoder messages;

    private @Nullable ByteBuffer chunk;
    private @Nullable Segment segment;
    private @Nullable SegmentCursor cursor;
    private OptionalLong offset = OptionalLong.empty();
    private long position;
    private long looked;
    private OptionalLong failingSince = OptionalLong.empty();
    private boolean closed;

    /**
     * A reader of some lanes and topics.
     *
     * @param heldUp whether publishers wait until it is known what of their messages is not wanted
     * @param handled by lane, the last position that needs no reading
     * @param deliveredBefore up to here nothing can be lost to this consumer: it had it, or never registered for it
     */
    public LogReader(
            Log log,
            Lanes lanes,
            List<TopicFilter> filters,
            boolean heldUp,
            LanePositions handled,
            long deliveredBefore) {
        this.log = log;
        this.filter = new RecordFilter(lanes, filters, handled);
        this.deliveredBefore = deliveredBefore;
        this.heldUp = heldUp;
        this.position = lanes.equals(Lanes.NONE) ? log.end() : Math.max(0, handled.lowest(lanes) + 1);
        log.begin(heldUp ? Lanes.ALL : lanes, wake);
    }

    /** Lets a read that waits look again whether there is something to read, or it has ended. */
    public void wake() {
        if (bell.availablePermits() == 0) {
            bell.release();
        }
    }

    /** Reads and decodes messages, as an attachment does; also returns when {@code ended} turns true. */
    public synchronized ReadBatch read(int maxMessages, int maxBytes, Duration wait, BooleanSupplier ended)
            throws InterruptedException {
        long deadline = begin(wait);
        RecordDecoder decoder = messages == null ? new RecordDecoder() : messages;
        messages = decoder;
        if (decoder.isDone()) {
            RecordBatch first = await(Integer.MAX_VALUE, deadline, ended);
            decoder.take(first);
            if (first.isEmpty()) {
                return decoder.next(maxMessages, maxBytes);
            }
        }
        return decoder.next(maxMessages, maxBytes, () -> gather(Integer.MAX_VALUE, deadline));
    }

    /** Reads records, as an attachment does; also returns when {@code ended} turns true. */
    public synchronized RecordBatch readRecords(int maxBytes, Duration wait, BooleanSupplier ended)
            throws InterruptedException {
        if (messages != null && !messages.isDone()) {
            throw new IllegalStateException("this consumer reads messages, and some of them are decoded already");
        }
        return await(maxBytes, begin(wait), ended);
    }

    private long begin(Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        looked = 0;
        return System.nanoTime() + wait.toNanos();
    }

    private RecordBatch await(int maxBytes, long deadline, BooleanSupplier ended) throws InterruptedException {
        long from = position;
        while (!ended.getAsBoolean() && !closed) {
            RecordBatch batch = gather(maxBytes, deadline);
            long left = deadline - System.nanoTime();
            // Publishers are held up until it is known that nothing of it is for this consumer.
            if (!batch.isEmpty() || left <= 0 || (heldUp && position > from)) {
                return batch;
            }
            if (isFailing()) {
                rest(Math.min(left, PAUSE_NANOS), () -> !ended.getAsBoolean());
            } else {
                rest(left, () -> position >= log.end() && !ended.getAsBoolean());
            }
        }
        return batch(NO_RECORDS, 0, List.of());
    }

    private void rest(long nanos, BooleanSupplier nothingToDo) throws InterruptedException {
        bell.drainPermits();
        if (nothingToDo.getAsBoolean()) {
            bell.tryAcquire(nanos, TimeUnit.NANOSECONDS);
        }
    }

    private RecordBatch batch(ByteBuffer records, int salt, List<Gap> gaps) {
        return new RecordBatch(records, salt, position, gaps);
    }

    /** Goes on to the next records that are wanted, to the end of the log, or until the deadline. */
    private RecordBatch gather(int maxBytes, long deadline) throws InterruptedException {
        List<Gap> gaps = new ArrayList<>();
        try {
            return gather(maxBytes, deadline, gaps);
        } catch (IOException | BufferException e) {
            String segmentName = String.valueOf(segment);
            leaveSegment();
            if (gaps.isEmpty() && !mayPass(e, segmentName)) {
                throw failure(e, segmentName);
            }
            return batch(NO_RECORDS, 0, gaps);
        }
    }

    /** Whether the disk fails at this moment, so that there may be more to read although nothing was returned. */
    public synchronized boolean isFailing() {
        return failingSince.isPresent();
    }

    private boolean mayPass(Exception failure, String segmentName) {
        if (!(failure instanceof IOException) || failure instanceof ClosedByInterruptException) {
            return false;
        }
        long now = System.nanoTime();
        if (failingSince.isEmpty()) {
            failingSince = OptionalLong.of(now);
            LOG.warn(
                    "Segment {} cannot be read at position {} ({}): it is tried again for {} s",
                    segmentName,
                    position,
                    failure.toString(),
                    TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS));
        }
        return now - failingSince.getAsLong() < PATIENCE_NANOS;
    }

    private BufferException failure(Exception e, String segmentName) throws InterruptedException {
        if (e instanceof ClosedByInterruptException) {
            Thread.interrupted();
            throw new InterruptedException();
        }
        return new BufferException(
                "segment " + segmentName + " cannot be read at position " + position + ": " + e.getMessage(), e);
    }

    private RecordBatch gather(int maxBytes, long deadline, List<Gap> gaps) throws IOException {
        while ((looked < LEAST_BYTES || System.nanoTime() - deadline < 0) && locate(gaps)) {
            Segment in = Objects.requireNonNull(segment);
            takeKept(in, maxBytes);
            if (!gathered.isEmpty()) {
                return batch(gathered.records(), in.header().salt(), gaps);
            }
            if (position >= in.end() || position >= log.end() || !enter(in)) {
                continue;
            }
            SegmentCursor at = Objects.requireNonNull(cursor);
            Segment.Extent extent = in.extent();
            long from = at.offset();
            switch (at.look(position, extent.bytes())) {
                case RECORD -> {
                    failingSince = OptionalLong.empty();
                    if (RecordLayout.position(at.chunk(), at.at()) >= in.end()) {
                        nextSegment(in, gaps);
                        break;
                    }
                    damagedUpTo(RecordLayout.position(at.chunk(), at.at()), gaps);
                    in.note(position, at.offset());
                    if (log.isShared() && at.isInChunk()) {
                        Block read = at.block(in, in.end());
                        log.keep(read);
                        take(read, maxBytes);
                        if (!gathered.isEmpty()) {
                            return batch(gathered.records(), in.header().salt(), gaps);
                        }
                        break;
                    }
                    ByteBuffer wanted = at.gather(filter, in.end(), maxBytes);
                    position = at.nextPosition();
                    if (wanted.hasRemaining()) {
                        return batch(wanted, in.header().salt(), gaps);
                    }
                }
                case END -> {
                    if (in.isSealed() && at.offset() == in.bytes()) {
                        nextSegment(in, gaps);
                    }
                }
                case DAMAGE -> {
                    if (!at.resynchronize(position, extent.bytes())) {
                        passDamage(in, extent, gaps);
                    }
                }
            }
            looked += 1 + at.offset() - from;
        }
        return batch(NO_RECORDS, 0, gaps);
    }

    /** Gathers from blocks that others have checked, one behind the other, until that is enough. */
    private void takeKept(Segment in, int maxBytes) {
        gathered.clear();
        boolean whole = true;
        while (whole && position < log.end() && gathered.bytes() < Math.min(maxBytes, ENOUGH_BYTES)) {
            Block kept = log.kept(in, position);
            whole = kept != null && take(kept, maxBytes);
        }
    }

    /** Gathers from a block; returns whether to its end. */
    private boolean take(Block block, int maxBytes) {
        Segment.Place progress = block.gather(position, filter, header, maxBytes, gathered);
        looked += block.bytes();
        position = progress.position();
        offset = OptionalLong.of(progress.offset());
        failingSince = OptionalLong.empty();
        SegmentCursor open = cursor;
        if (open != null) {
            open.moveTo(progress.offset());
        }
        return position == block.end();
    }

    /** Nothing intact follows in what is visible of the segment. */
    private void passDamage(Segment in, Segment.Extent extent, List<Gap> gaps) {
        if (in.isSealed()) {
            nextSegment(in, gaps);
        } else {
            damagedUpTo(extent.end(), gaps);
            Objects.requireNonNull(cursor).moveTo(extent.bytes());
        }
    }

    /** Finds the segment of the position, or of the first one after it that is held; false if there is none yet. */
    private boolean locate(List<Gap> gaps) throws IOException {
        while (position < log.end()) {
            Segment in = segment;
            if (in != null && !in.isDropped() && position < in.end()) {
                return true;
            }
            leaveSegment();
            Segment found = log.containing(position);
            if (found == null) {
                found = log.first();
                passUpTo(found.header().previousEnd(), gaps, log.losses()::trimmed);
                position = Math.max(position, found.base());
            }
            if (position >= found.end()) {
                nextSegment(found, gaps);
            } else {
                segment = found;
                return true;
            }
        }
        return false;
    }

    /** Opens a segment and brings the cursor to the position; false if the segment was dropped meanwhile. */
    private boolean enter(Segment found) throws IOException {
        if (cursor != null) {
            return true;
        }
        Segment.Place near =
                offset.isPresent() ? new Segment.Place(position, offset.getAsLong()) : found.nearest(position);
        SegmentCursor at;
        try {
            at = new SegmentCursor(
                    log.open(found),
                    found.header().salt(),
                    near.offset(),
                    chunk == null ? SegmentCursor.newChunk() : chunk);
        } catch (NoSuchFileException e) {
            if (found.isDropped()) {
                segment = null;
                return false;
            }
            throw e;
        }
        cursor = at;
        long passing = near.position();
        while (passing < position && approach(at, found, passing)) {
            passing = RecordLayout.position(at.chunk(), at.at());
            if (passing < position) {
                found.note(passing, at.offset());
                passing = RecordLayout.positionAfter(at.chunk(), at.at());
                at.next();
            }
        }
        return true;
    }

    private static boolean approach(SegmentCursor at, Segment in, long expected) throws IOException {
        return switch (at.look(expected, in.bytes())) {
            case RECORD -> true;
            case END -> false;
            case DAMAGE -> at.resynchronize(expected, in.bytes());
        };
    }

    private void nextSegment(Segment done, List<Gap> gaps) {
        Segment next = log.after(done);
        if (next != null) {
            leaveSegment();
            damagedUpTo(next.header().previousEnd(), gaps);
            position = Math.max(position, next.base());
        }
    }

    private void damagedUpTo(long to, List<Gap> gaps) {
        passUpTo(to, gaps, log.losses()::damaged);
    }

    /** Passes what is lost, and says so of those positions that this consumer may need. */
    private void passUpTo(long to, List<Gap> gaps, BiFunction<Long, Long, Gap> loss) {
        long firstNeeded = Math.max(position, deliveredBefore + 1);
        if (firstNeeded < to) {
            gaps.add(loss.apply(firstNeeded, to));
        }
        position = Math.max(position, to);
    }

    private void leaveSegment() {
        SegmentCursor open = cursor;
        if (open != null) {
            chunk = open.chunk();
            try {
                open.close();
            } catch (IOException e) {
                throw new BufferException("segment " + segment + " cannot be closed", e);
            }
        }
        cursor = null;
        offset = OptionalLong.empty();
        segment = null;
    }

    public synchronized void close() {
        if (!closed) {
            closed = true;
            log.end(wake);
            leaveSegment();
        }
    }
}
