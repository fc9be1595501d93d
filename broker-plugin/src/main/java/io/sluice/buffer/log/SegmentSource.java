package io.sluice.buffer.log;

import io.sluice.file.Folder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The segments of a log, for whoever reads one record here and there. Thread-safe. */
public interface SegmentSource {

    /** The segment that a position belongs to; null if it is before the first one. */
    @Nullable
    Segment containing(long position);

    /** Opens a segment's file to read it. */
    Folder.File open(Segment segment) throws IOException;

    /** The open segment. */
    Segment last();

    /** The first position that is held, or the next one to come. */
    long start();

    /** About how many bytes of records there are from a position on. */
    long bytesFrom(long position);
}
