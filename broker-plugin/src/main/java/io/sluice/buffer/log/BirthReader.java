package io.sluice.buffer.log;

import io.sluice.buffer.log.Birth.InSegment;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordLayout;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads births out of segments, one after the other: the file of a segment stays open, and what was read of it stays in memory,
 * for those that lie behind it. Used again after {@link #close}. Not thread-safe.
 */
final class BirthReader implements Closeable {

    private @Nullable ByteBuffer chunk;
    private @Nullable SegmentCursor cursor;
    private @Nullable Segment segment;

    /** The record of a birth; empty if its segment is gone, or has something else there. */
    Optional<RecordBatch> read(Log log, Birth birth, InSegment place) throws IOException {
        try {
            return find(log, birth, place);
        } catch (IOException e) {
            try {
                close(); // what is in memory is not what the cursor takes it for
            } catch (IOException besides) {
                e.addSuppressed(besides);
            }
            throw e;
        }
    }

    private Optional<RecordBatch> find(Log log, Birth birth, InSegment place) throws IOException {
        Segment containing = log.containing(birth.position());
        if (containing == null || place.offset() >= containing.bytes()) {
            return Optional.empty();
        }
        SegmentCursor at = cursor(log, containing);
        at.moveTo(place.offset());
        boolean isThere = at.look(birth.position(), containing.bytes()) == SegmentCursor.Found.RECORD
                && RecordLayout.position(at.chunk(), at.at()) == birth.position()
                && RecordLayout.topic(at.chunk(), at.at()).equals(birth.topic());
        if (!isThere) {
            return Optional.empty();
        }
        byte[] record = new byte[RecordLayout.size(at.chunk(), at.at())];
        at.chunk().get(at.at(), record);
        int salt = containing.header().salt();
        return Optional.of(new RecordBatch(ByteBuffer.wrap(record), salt, birth.position() + 1, List.of()));
    }

    @SuppressWarnings("ReferenceEquality") // a segment is one object as long as the log has it
    private SegmentCursor cursor(Log log, Segment of) throws IOException {
        SegmentCursor open = cursor;
        if (open != null && segment == of) {
            return open;
        }
        close();
        ByteBuffer into = chunk == null ? SegmentCursor.newChunk() : chunk;
        chunk = into;
        open = new SegmentCursor(log.open(of), of.header().salt(), 0, into);
        cursor = open;
        segment = of;
        return open;
    }

    @Override
    public void close() throws IOException {
        SegmentCursor open = cursor;
        cursor = null;
        segment = null;
        if (open != null) {
            open.close();
        }
    }
}
