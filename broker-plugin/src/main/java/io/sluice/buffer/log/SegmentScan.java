package io.sluice.buffer.log;

import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A walk over all records of a segment, past damaged places. */
public final class SegmentScan {

    /** Hears what is on the way, in order. */
    public interface Visitor {

        /** Waits for nothing but the end. */
        Visitor NONE = new Visitor() {};

        /** An intact record, which begins at an index of a chunk, and at an offset of the file. */
        default void record(ByteBuffer chunk, int at, long offset) {}

        /** Whether it has heard enough, and the walk may end. */
        default boolean isDone() {
            return false;
        }

        /** Positions without an intact record, which intact ones follow; the damage begins at an offset. */
        default void damage(long from, long to, long offset) {}

        /** Something before the first position is no record, and intact records follow: it may be part of the ledger. */
        default void beginningDamaged() {}
    }

    private SegmentScan() {}

    /** Memory for one walk after the other, which reads the file in chunks. */
    public static ByteBuffer newChunk() {
        return SegmentCursor.newChunk();
    }

    /** Walks over the segment of a header in a folder. */
    public static Segment.Extent run(SegmentHeader header, Folder folder, ByteBuffer chunk, Visitor visitor)
            throws IOException {
        try (Folder.File file = folder.open(SegmentName.of(header.base()))) {
            return run(header, file, chunk, visitor);
        }
    }

    /** Walks to the end of the file, unless the visitor is done; returns where the last intact record ends. */
    public static Segment.Extent run(SegmentHeader header, Folder.File file, ByteBuffer chunk, Visitor visitor)
            throws IOException {
        SegmentCursor cursor = new SegmentCursor(file, header.salt(), SegmentHeader.BYTES, chunk);
        long bytes = file.size();
        long expected = header.base();
        while (true) {
            long offset = cursor.offset();
            SegmentCursor.Found found = cursor.look(expected, bytes);
            if (visitor.isDone()
                    || found == SegmentCursor.Found.END
                    || (found == SegmentCursor.Found.DAMAGE && !cursor.resynchronize(expected, bytes))) {
                return new Segment.Extent(cursor.offset(), expected);
            }
            if (found == SegmentCursor.Found.DAMAGE && expected == header.base()) {
                visitor.beginningDamaged();
            }
            long position = RecordLayout.position(cursor.chunk(), cursor.at());
            if (position > expected) {
                visitor.damage(expected, position, offset);
            }
            visitor.record(cursor.chunk(), cursor.at(), cursor.offset());
            expected = RecordLayout.positionAfter(cursor.chunk(), cursor.at());
            cursor.next();
        }
    }

    /** Whether a segment's file, whatever its header says, has an intact record of the segment with this salt and base. */
    public static boolean hasRecord(Folder.File file, int salt, long base, ByteBuffer chunk) throws IOException {
        long bytes = file.size();
        SegmentCursor cursor = new SegmentCursor(file, salt, SegmentHeader.BYTES, chunk);
        return bytes > SegmentHeader.BYTES
                && (cursor.look(base, bytes) == SegmentCursor.Found.RECORD || cursor.resynchronize(base, bytes));
    }
}
