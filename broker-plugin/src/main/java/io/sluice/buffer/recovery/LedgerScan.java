package io.sluice.buffer.recovery;

import io.sluice.buffer.log.Ledger;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentScan;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Finds out which packet identifiers are in use at a log's end, from as few of its segments as are needed: the last one,
 * unless it has no records, so that its beginning may have been cut short, or its beginning is damaged. Then
 * the one before it is read as well.
 */
final class LedgerScan implements SegmentScan.Visitor {

    /**
     * @param damaged whether something may be missing
     * @param oldest the base of the first segment that was read
     */
    record Found(Ledger ledger, boolean damaged, long oldest) {}

    private final Ledger ledger;
    private final SegmentScan.Visitor also;
    private final long base;

    /** Records from this position on were never safe. */
    private final long end;

    private boolean hasOwnRecords;
    private boolean beginningDamaged;

    private LedgerScan(Ledger ledger, List<SegmentHeader> headers, int index, SegmentScan.Visitor also) {
        this.ledger = ledger;
        this.also = also;
        this.base = headers.get(index).base();
        this.end = index + 1 < headers.size() ? headers.get(index + 1).previousEnd() : Long.MAX_VALUE;
    }

    /**
     * Reads as many of the segments, which follow each other, as are needed, and none of them more than twice.
     *
     * @param also hears of all records that count
     */
    static Found run(Folder folder, List<SegmentHeader> headers, ByteBuffer chunk, SegmentScan.Visitor also)
            throws IOException {
        if (headers.isEmpty()) {
            return new Found(new Ledger(), false, 0);
        }
        int from = headers.size();
        LedgerScan first;
        do {
            from--;
            first = new LedgerScan(new Ledger(), headers, from, also);
            SegmentScan.run(headers.get(from), folder, chunk, first);
        } while (from > 0 && (!first.hasOwnRecords || first.beginningDamaged));
        for (int later = from + 1; later < headers.size(); later++) {
            // what it repeats is known from those before it, so that damage there does not matter
            SegmentScan.run(headers.get(later), folder, chunk, new LedgerScan(first.ledger, headers, later, also));
        }
        return new Found(first.ledger, first.beginningDamaged, headers.get(from).base());
    }

    @Override
    public void record(ByteBuffer records, int at, long offset) {
        long next = RecordLayout.positionAfter(records, at);
        if (next <= end) {
            hasOwnRecords |= next > base;
            ledger.apply(records, at);
            also.record(records, at, offset);
        }
    }

    @Override
    public void beginningDamaged() {
        beginningDamaged = true;
    }
}
