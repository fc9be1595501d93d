package io.sluice.buffer.log;

import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.Records;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes records into the open segment, and begins a new one when it is full. For the writer's thread only.
 *
 * <p>The caller writes a run of records in three steps, to know which one failed: {@link #prepare}, {@link #write},
 * {@link #force}; then {@link #publish} shows it to readers. It may repeat the first two. After a failed force nobody knows
 * what is on the disk, and on Linux a second one reports success without having written: {@link #abandon} leaves the file
 * as it is, and the next records go to a new one, whose header says where this one ends. Each segment begins with the
 * {@link Ledger} up to there.
 */
public final class SegmentWriter {

    private final Folder folder;
    private final Log log;
    private final int segmentBytes;
    private final Ledger ledger;
    private final Births births;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer groupRecord = ByteBuffer.allocateDirect(RecordLayout.HEADER_BYTES);
    private Folder.@Nullable File file;
    private Segment segment;
    private int salt;
    private long written;
    private long fullAt;
    private boolean ledgerChanges;
    private boolean birthsCome;
    private boolean abandoned;

    /**
     * A writer that goes on at a log's end.
     *
     * @param ledger what the log says up to its end
     * @param file the last segment, if it has no records yet; empty if a new segment is to be begun
     */
    public SegmentWriter(
            Folder folder, Log log, int segmentBytes, Ledger ledger, Births births, Optional<Folder.File> file) {
        this.folder = folder;
        this.log = log;
        this.segmentBytes = segmentBytes;
        this.ledger = ledger;
        this.births = births;
        this.file = file.orElse(null);
        this.abandoned = file.isEmpty();
        this.segment = log.last();
        this.salt = segment.header().salt();
        beginAt(segment.bytes());
    }

    /** However much the ledger takes, there is room for as many records as in any other segment. */
    private void beginAt(long bytes) {
        written = bytes;
        fullAt = bytes - SegmentHeader.BYTES + segmentBytes;
    }

    /** Makes an empty segment, safe in the folder; what a failed attempt has left is replaced. */
    public static Folder.File create(Folder folder, SegmentHeader header) throws IOException {
        String name = SegmentName.of(header.base());
        folder.delete(name);
        Folder.File file = folder.create(name);
        try {
            file.write(header.encode(), 0);
            file.force();
            folder.force();
            return file;
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * Writes the ledger into an empty segment, and makes it safe. If that is cut short, the segment has no records of its
     * own, and the ledger is known from those before it.
     *
     * @return size of the segment then
     */
    public static long begin(Folder.File file, SegmentHeader header, Ledger ledger) throws IOException {
        if (ledger.isEmpty()) {
            return SegmentHeader.BYTES;
        }
        ByteBuffer records = ledger.encode(header);
        long bytes = (long) SegmentHeader.BYTES + records.remaining();
        file.write(records, SegmentHeader.BYTES);
        file.force();
        return bytes;
    }

    /**
     * Seals as many records as fit into one segment, which it begins if need be.
     *
     * @param from where the first record begins
     * @return where the first record begins that does not fit
     */
    public int prepare(Records group, int from) throws IOException {
        ByteBuffer records = group.buffer();
        int end = records.position();
        if (abandoned || (segment.hasRecords() && written + RecordLayout.size(records, from) > fullAt)) {
            roll(RecordLayout.position(records, from));
        }
        int to = from;
        do {
            segment.note(RecordLayout.position(records, to), written + RecordLayout.HEADER_BYTES + to - from);
            ledgerChanges |= Ledger.concerns(records, to);
            birthsCome |= Birth.mayBe(records, to);
            to += RecordLayout.seal(records, to, salt, crc);
        } while (to < end && written + to - from + RecordLayout.size(records, to) <= fullAt);
        return to;
    }

    /** Begins a new segment, unless the open one has no records and could serve. */
    public void roll(long base) throws IOException {
        if (base == segment.base() && !abandoned) {
            return;
        }
        SegmentHeader header = base == segment.base()
                ? segment.header()
                : new SegmentHeader(log.bufferId(), base, segment.base(), log.end(), System.currentTimeMillis());
        abandoned = true; // whatever a failure leaves says that the segment ends here
        Folder.File next = create(folder, header);
        long bytes;
        try {
            bytes = begin(next, header, ledger);
        } catch (IOException | RuntimeException | Error e) {
            next.close();
            throw e;
        }
        Folder.File done = file;
        file = next;
        segment = new Segment(header, bytes);
        salt = header.salt();
        beginAt(bytes);
        abandoned = false;
        log.add(segment);
        if (done != null) {
            done.close();
        }
    }

    /** Writes prepared records as a group; if that fails, leaves the file as it was. */
    public void write(Records group, int from, int to) throws IOException {
        ByteBuffer records = group.buffer();
        try {
            groupRecord.clear();
            RecordLayout.encodeControl(
                    groupRecord, RecordLayout.GROUP, RecordLayout.position(records, from), 0, "", 0, Map.of(), crc);
            RecordLayout.seal(groupRecord, 0, salt, crc);
            file().write(groupRecord.flip(), written);
            file().write(records.slice(from, to - from), written + RecordLayout.HEADER_BYTES);
        } catch (IOException | RuntimeException | Error e) {
            file().truncate(written);
            throw e;
        }
    }

    public void force() throws IOException {
        file().force();
    }

    private Folder.File file() {
        Folder.File open = file;
        if (open == null) {
            throw new IllegalStateException("no segment is open");
        }
        return open;
    }

    /** Shows readers what was forced. */
    public void publish(Records group, int from, int to) {
        ByteBuffer records = group.buffer();
        if (ledgerChanges) {
            for (int at = from; at < to; at += RecordLayout.size(records, at)) {
                ledger.apply(records, at);
            }
            ledgerChanges = false;
        }
        long offset = written + RecordLayout.HEADER_BYTES;
        if (birthsCome) {
            for (int at = from; at < to; at += RecordLayout.size(records, at)) {
                births.note(records, at, offset + at - from);
            }
            birthsCome = false;
        }
        long end = group.positionAt(to);
        written = offset + to - from;
        log.publish(
                segment,
                new Segment.Extent(written, end),
                () -> new Block(segment, offset, end, records, from, to - from));
    }

    /** Gives the open segment up after a failed force, and all records from an index on. */
    public void abandon(Records group, int from) {
        ByteBuffer records = group.buffer();
        for (int at = from; at < records.position(); at += RecordLayout.size(records, at)) {
            ledger.applyFailed(records, at);
        }
        ledgerChanges = false;
        birthsCome = false;
        abandoned = true;
    }

    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
