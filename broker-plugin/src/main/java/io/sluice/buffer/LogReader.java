package io.sluice.buffer;

import io.sluice.message.Message;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilterIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log for one attachment, with a file handle and a chunk of its own: the page cache does the rest, and the
 * writer is not held up. Every record passed is checked; only those of the attachment's lanes and filters are decoded.
 * One thread at a time.
 */
final class LogReader {

    private final Log log;
    private final Lanes lanes;
    private final LanePositions handled;
    private final TextCache topics;
    private final TextCache names = new TextCache(text -> true);
    private final long deliveredBefore;
    private ByteBuffer chunk = SegmentCursor.newChunk();
    private @Nullable Segment segment;
    private @Nullable SegmentCursor cursor;
    private long position;
    private boolean closed;

    /**
     * @param handled by lane, the last position that needs no reading
     * @param deliveredBefore up to here nothing can be lost to this consumer: it had it, or never registered for it
     */
    LogReader(Log log, ConsumerSpec spec, LanePositions handled, long deliveredBefore) {
        this.log = log;
        this.lanes = spec.lanes();
        this.handled = handled;
        this.deliveredBefore = deliveredBefore;
        this.topics = new TextCache(TopicFilterIndex.of(spec.filters())::matches);
        this.position = lanes.equals(Lanes.NONE) ? log.end() : Math.max(0, handled.lowest(lanes) + 1);
    }

    /** As {@link BufferConsumer#read}; also returns when {@code ended} turns true. */
    synchronized ReadBatch read(int maxMessages, int maxBytes, Duration wait, BooleanSupplier ended)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Batch batch = new Batch(maxMessages, maxBytes);
        long deadline = System.nanoTime() + wait.toNanos();
        while (!ended.getAsBoolean() && !closed) {
            try {
                fill(batch, deadline);
            } catch (IOException | BufferException e) {
                String segmentName = String.valueOf(segment);
                leaveSegment();
                if (batch.isEmpty()) {
                    throw failure(e, segmentName);
                }
                // what was read before is not to be lost: the next read meets the failure again
                break;
            }
            long left = deadline - System.nanoTime();
            if (!batch.isEmpty() || left <= 0) {
                break;
            }
            log.await(left, () -> position >= log.end() && !ended.getAsBoolean());
        }
        return new ReadBatch(batch.messages, position, batch.gaps);
    }

    private BufferException failure(Exception e, String segmentName) throws InterruptedException {
        if (e instanceof ClosedByInterruptException) {
            Thread.interrupted();
            throw new InterruptedException();
        }
        return new BufferException(
                "segment " + segmentName + " cannot be read at position " + position + ": " + e.getMessage(), e);
    }

    private void fill(Batch batch, long deadline) throws IOException {
        int passed = 0;
        while (!batch.isFull() && locate(batch)) {
            Segment in = current();
            SegmentCursor at = cursor();
            Segment.Extent extent = in.extent();
            switch (at.look(position, extent.bytes())) {
                case RECORD -> {
                    damagedUpTo(RecordLayout.position(at.chunk(), at.at()), batch);
                    in.note(position, at.offset());
                    take(at, batch);
                    position = RecordLayout.positionAfter(at.chunk(), at.at());
                    at.next();
                }
                case END -> {
                    if (in.isSealed() && at.offset() == in.bytes()) {
                        nextSegment(in, batch);
                    }
                }
                case DAMAGE -> {
                    if (!at.resynchronize(position, extent.bytes())) {
                        passDamage(in, extent, batch);
                    }
                }
            }
            if ((++passed & 1023) == 0 && System.nanoTime() - deadline >= 0) {
                return;
            }
        }
    }

    /** Nothing intact follows in what is visible of the segment. */
    private void passDamage(Segment in, Segment.Extent extent, Batch batch) {
        if (in.isSealed()) {
            nextSegment(in, batch);
        } else {
            damagedUpTo(extent.end(), batch);
            cursor().moveTo(extent.bytes());
        }
    }

    private Segment current() {
        Segment open = segment;
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    private SegmentCursor cursor() {
        SegmentCursor open = cursor;
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    /** Brings the cursor to the position, or to the first one after it that is held; false if there is none yet. */
    private boolean locate(Batch batch) throws IOException {
        while (position < log.end()) {
            Segment in = segment;
            if (in != null && !in.isDropped() && position < in.end()) {
                return true;
            }
            leaveSegment();
            Segment found = log.containing(position);
            if (found == null) {
                found = log.first();
                trimmedUpTo(found.header().previousEnd(), batch);
                position = Math.max(position, found.base());
            }
            if (position >= found.end()) {
                nextSegment(found, batch);
            } else if (enter(found)) {
                return true;
            }
        }
        return false;
    }

    /** Opens a segment and brings the cursor to the position; false if the segment was dropped meanwhile. */
    private boolean enter(Segment found) throws IOException {
        Map.Entry<Long, Long> near = found.nearest(position);
        SegmentCursor at;
        try {
            at = new SegmentCursor(log.open(found), found.header().salt(), near.getValue(), chunk);
        } catch (NoSuchFileException e) {
            if (found.isDropped()) {
                return false;
            }
            throw e;
        }
        segment = found;
        cursor = at;
        long passing = near.getKey();
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

    private void nextSegment(Segment done, Batch batch) {
        Segment next = log.after(done);
        if (next != null) {
            leaveSegment();
            damagedUpTo(next.header().previousEnd(), batch);
            position = Math.max(position, next.base());
        }
    }

    private void trimmedUpTo(long to, Batch batch) {
        if (needs(to)) {
            batch.gaps.add(log.losses().trimmed(firstNeeded(), to));
        }
        position = Math.max(position, to);
    }

    private void damagedUpTo(long to, Batch batch) {
        if (needs(to)) {
            batch.gaps.add(log.losses().damaged(firstNeeded(), to));
        }
        position = Math.max(position, to);
    }

    private boolean needs(long to) {
        return firstNeeded() < to;
    }

    private long firstNeeded() {
        return Math.max(position, deliveredBefore + 1);
    }

    private void take(SegmentCursor from, Batch batch) {
        ByteBuffer in = from.chunk();
        int at = from.at();
        int lane = RecordLayout.lane(in, at);
        if (!lanes.contains(lane) || position <= handled.at(lane) || !RecordLayout.isMessage(in, at)) {
            return;
        }
        TextCache.Entry topic = topics.get(in, RecordLayout.topicAt(in, at), RecordLayout.topicBytes(in, at));
        if (topic.passes()) {
            batch.add(new StoredMessage(position, lane, message(in, at, topic.text())));
        }
    }

    private Message message(ByteBuffer in, int at, String topic) {
        String clientId = names.get(in, RecordLayout.clientAt(at), RecordLayout.clientBytes(in, at))
                .text();
        Optional<String> username = RecordLayout.hasUser(in, at)
                ? Optional.of(names.get(in, RecordLayout.userAt(in, at), RecordLayout.userBytes(in, at))
                        .text())
                : Optional.empty();
        return new Message(
                RecordLayout.kind(in, at),
                clientId,
                username,
                topic,
                Qos.ofLevel(RecordLayout.qos(in, at)),
                RecordLayout.isRetained(in, at),
                RecordLayout.isDuplicate(in, at),
                RecordLayout.packetId(in, at),
                RecordLayout.receivedAt(in, at),
                RecordLayout.properties(in, at),
                RecordLayout.payload(in, at));
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
        segment = null;
    }

    synchronized void close() {
        closed = true;
        leaveSegment();
    }

    /** What one read has gathered. */
    private static final class Batch {
        private final List<StoredMessage> messages = new ArrayList<>();
        private final List<Gap> gaps = new ArrayList<>();
        private final int maxMessages;
        private final long maxBytes;
        private long bytes;

        Batch(int maxMessages, long maxBytes) {
            this.maxMessages = maxMessages;
            this.maxBytes = maxBytes;
        }

        void add(StoredMessage message) {
            messages.add(message);
            bytes += message.message().payload().remaining();
        }

        boolean isFull() {
            return messages.size() >= maxMessages || bytes >= maxBytes;
        }

        boolean isEmpty() {
            return messages.isEmpty() && gaps.isEmpty();
        }
    }
}
