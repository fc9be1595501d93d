package io.sluice.buffer.recovery;

import io.sluice.buffer.log.Losses;
import io.sluice.buffer.log.Segment;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.log.SegmentScan;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what of the last segment can be kept, cuts the rest off, and makes safe what is kept.
 *
 * <p>The last group may have been forced or not: nobody knows. A power cut keeps any part of what was not forced, in any
 * order, so that behind a hole in that group nothing counts: it was promised to nobody, and without the hole it would
 * turn the order of publishes and releases around. Elsewhere a hole is damage: what is missing is reported, and what
 * follows is kept.
 *
 * <p>What may not have been forced is written once more before it is forced: if a force had failed, and the process that
 * asked for it was killed then, the page cache shows what the disk does not have, and a force says yes without writing it
 * (as on Linux). Of a segment without records, the folder may not have forced the name.
 */
final class TailCheck implements SegmentScan.Visitor {

    private static final Logger LOG = LoggerFactory.getLogger(TailCheck.class);

    private record Hole(long from, long to, long offset) {}

    private final List<Hole> holes = new ArrayList<>();

    /** Where the last group begins: everything before it was safe. */
    private long groupAt;

    private TailCheck() {}

    /** @param unusable positions before this one may have been given out */
    record Result(Segment.Extent intact, long unusable) {}

    /** @param safeEnd everything before this position was safe at some time */
    static Result run(Folder folder, SegmentHeader header, long safeEnd, ByteBuffer chunk, Losses losses)
            throws IOException {
        TailCheck check = new TailCheck();
        try (Folder.File file = folder.open(SegmentName.of(header.base()))) {
            Segment.Extent intact = SegmentScan.run(header, file, chunk, check);
            for (Hole hole : check.holes) {
                // in the last group, which may not have been forced
                if (hole.offset() >= check.groupAt && hole.from() >= safeEnd) {
                    intact = new Segment.Extent(hole.offset(), hole.from());
                    break;
                }
                losses.damaged(hole.from(), hole.to());
            }
            long torn = file.size() - intact.bytes();
            if (torn > 0) {
                LOG.warn(
                        "{} in {} ends with {} bytes of records that were never completed, after position {}: the broker cuts them off",
                        SegmentName.of(header.base()),
                        folder,
                        torn,
                        intact.end() - 1);
                file.truncate(intact.bytes());
            }
            boolean empty = intact.end() == header.base();
            if (intact.end() > safeEnd || empty) {
                writeAgain(file, check.groupAt, intact.bytes(), chunk);
            }
            file.force();
            if (empty) {
                folder.force();
            }
            return new Result(intact, torn > 0 ? intact.end() + torn / RecordLayout.HEADER_BYTES + 1 : intact.end());
        }
    }

    @Override
    public void record(ByteBuffer records, int at, long offset) {
        if (RecordLayout.code(records, at) == RecordLayout.GROUP) {
            groupAt = offset;
        }
    }

    @Override
    public void damage(long from, long to, long offset) {
        holes.add(new Hole(from, to, offset));
    }

    private static void writeAgain(Folder.File file, long from, long to, ByteBuffer chunk) throws IOException {
        for (long at = from; at < to; at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), to - at));
            if (!file.fill(chunk, at)) {
                throw new IOException("the file ends at " + (at + chunk.position()) + " instead of " + to);
            }
            file.write(chunk.flip(), at);
        }
    }
}
