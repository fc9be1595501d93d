package io.sluice.buffer.log;

import io.sluice.buffer.record.RecordLayout;
import java.nio.ByteBuffer;
import java.util.Map;

/** Names and sizes of what the log keeps in its folder, as tests need them that damage it. */
public final class LogFiles {

    /** What a segment's header takes. */
    public static final int SEGMENT_HEADER_BYTES = SegmentHeader.BYTES;

    /** What a record's header takes. */
    public static final int RECORD_HEADER_BYTES = RecordLayout.HEADER_BYTES;

    private LogFiles() {}

    /** The file of the segment that begins at a position. */
    public static String segment(long base) {
        return SegmentName.of(base);
    }

    /** Makes the segments of a folder as old as if the clock had been ahead by some milliseconds when they were made. */
    public static void makeLater(Map<String, byte[]> disk, long millis) {
        disk.forEach((name, bytes) -> {
            if (SegmentName.baseIn(name).isPresent()) {
                ByteBuffer file = ByteBuffer.wrap(bytes);
                SegmentHeader header =
                        SegmentHeader.decode(file.slice(0, SegmentHeader.BYTES)).orElseThrow();
                file.put(new SegmentHeader(
                                header.bufferId(),
                                header.base(),
                                header.previousBase(),
                                header.previousEnd(),
                                header.createdAtMs() + millis)
                        .encode());
            }
        });
    }
}
