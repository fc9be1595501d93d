package io.sluice.buffer.log;

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
}
