package io.sluice.buffer.log;

import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Finds out which packet identifiers are in use at a log's end, from as few of its segments as are needed: the last one,
 * unless it has no records of its own, so that its beginning may have been cut short, or its beginning is damaged. Then
 * the one before it is read as well.
 */
final class LedgerScan {

    /**
     * What was found.
     *
     * @param damaged whether something may be missing
     * @param oldest the base of the first segment that was read
     */
    record Found(Ledger ledger, boolean damaged, long oldest) {}

    private final Folder folder;
    private final ByteBuffer chunk;
    private final SegmentScan.Visitor also;
    private Ledger ledger = new Ledger();

    private LedgerScan(Folder folder, ByteBuffer chunk, SegmentScan.Visitor also) {
        this.folder = folder;
        this.chunk = chunk;
        this.also = also;
    }

    /**
     * Reads as many of the segments, which follow each other, as are needed, and none of them more than twice.
     *
     * @param also hears of all records that count
     */
    static Found run(Folder folder, List<SegmentHeader> headers, ByteBuffer chunk, SegmentScan.Visitor also)
            throws IOException {
        LedgerScan scan = new LedgerScan(folder, chunk, also);
        boolean damaged = false;
        int from = headers.size();
        for (boolean enough = from == 0; !enough; ) {
            from--;
            scan.ledger = new Ledger();
            Follower first = scan.follow(headers, from);
            damaged = first.beginningDamaged;
            enough = from == 0 || (first.hasOwnRecords && !damaged);
        }
        for (int later = from + 1; later < headers.size(); later++) {
            // what it repeats is known from those before it, so that damage there does not matter
            scan.follow(headers, later);
        }
        return new Found(
                scan.ledger, damaged, headers.isEmpty() ? 0 : headers.get(from).base());
    }

    private Follower follow(List<SegmentHeader> headers, int index) throws IOException {
        SegmentHeader header = headers.get(index);
        long end = index + 1 < headers.size() ? headers.get(index + 1).previousEnd() : Long.MAX_VALUE;
        Follower follower = new Follower(header.base(), end);
        SegmentScan.run(header, folder, chunk, follower);
        return follower;
    }

    private final class Follower implements SegmentScan.Visitor {
        private final long base;
        private final long end;
        private boolean hasOwnRecords;
        private boolean beginningDamaged;

        /** @param end records from this position on were never safe */
        Follower(long base, long end) {
            this.base = base;
            this.end = end;
        }

        @Override
        public void record(ByteBuffer records, int at, long offset) {
            long next = RecordLayout.positionAfter(records, at);
            if (next <= end) {
                hasOwnRecords |= next > base;
                if (Ledger.concerns(records, at)) {
                    ledger.apply(records, at);
                }
                also.record(records, at, offset);
            }
        }

        @Override
        public void beginningDamaged() {
            beginningDamaged = true;
        }
    }
}
