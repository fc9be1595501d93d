package io.sluice.buffer.recovery;

import io.sluice.buffer.log.Births;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.log.SegmentScan;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the births that lie in a segment as it is read.
 *
 * @param end records from this position on were never safe
 */
record BirthScan(Births births, long end) implements SegmentScan.Visitor {

    private static final Logger LOG = LoggerFactory.getLogger(BirthScan.class);

    /**
     * Reads segments that nothing else reads when a log is opened: none, as a rule.
     *
     * @param scanned the base of a segment; births from there on are noted already
     * @param covered the position before which births are known; absent: none is, and a log that is long is not read for it
     * @param sizes of the segments' files, by base
     */
    static void run(
            Folder folder,
            NavigableMap<Long, SegmentHeader> headers,
            long scanned,
            Optional<Long> covered,
            Map<Long, Long> sizes,
            ByteBuffer chunk,
            Births births) {
        NavigableMap<Long, SegmentHeader> earlier = headers.headMap(scanned, false);
        long bytes = earlier.keySet().stream()
                .mapToLong(base -> sizes.getOrDefault(base, 0L))
                .sum();
        if (covered.isEmpty() && bytes > Births.MOST_TO_SCAN) {
            return;
        }
        for (SegmentHeader header : earlier.values()) {
            long end = headers.higherEntry(header.base()).getValue().previousEnd();
            if (end > covered.orElse(0L)) {
                try {
                    SegmentScan.run(header, folder, chunk, new BirthScan(births, end));
                } catch (IOException e) {
                    LOG.warn(
                            "{} in {} cannot be read for births: {}; metrics may lack their names",
                            SegmentName.of(header.base()),
                            folder,
                            e.toString());
                }
            }
        }
    }

    @Override
    public void record(ByteBuffer records, int at, long offset) {
        if (RecordLayout.positionAfter(records, at) <= end) {
            births.note(records, at, offset);
        }
    }
}
