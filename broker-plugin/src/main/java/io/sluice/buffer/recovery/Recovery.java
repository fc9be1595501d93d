package io.sluice.buffer.recovery;

import io.sluice.buffer.log.Births;
import io.sluice.buffer.log.Drops;
import io.sluice.buffer.log.Ledger;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.Losses;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.log.SegmentScan;
import io.sluice.buffer.log.SegmentWriter;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.recovery.Checkpoint.Orphans;
import io.sluice.buffer.recovery.Checkpoint.StoredConsumers;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what an earlier process left, whether it closed the buffer, was killed, or lost power.
 *
 * <ol>
 *   <li><b>Folder.</b> A folder that holds other things and no buffer is refused. Beside a buffer, what is not the
 *       buffer's is left alone ({@code sessions}), or left alone with a warning.
 *   <li><b>Checkpoints.</b> The newer one that is intact counts. If none is although there are segments, the consumers
 *       are lost: whoever attaches then registers at the log's start, so that nothing is passed over.
 *   <li><b>Headers.</b> A segment of another format version, or of another buffer, is refused. A segment with a damaged
 *       header and intact records gets a new header, which says that the segment before goes up to it. One without
 *       intact records is deleted if it is only a header that was never completed, else set aside as {@code *.damaged}.
 *   <li><b>Chain.</b> Each header names the segment before: one that is missing is reported with its positions. Segments
 *       whose deletion was not finished are deleted.
 *   <li><b>Tail.</b> All records of the last segment are checked; those before it were forced before it was begun. Bytes
 *       at its end that are no record are cut off: they were never safe. Damage that intact records follow is reported
 *       with its positions, and the rest is kept, except in the last group, if that is not known to have been forced
 *       ({@link TailCheck}). Then the segment is forced: a killed process may have left records in the page cache only,
 *       and readers must not see them before they are safe.
 *   <li><b>Ledger.</b> The last segment begins with the packet identifiers that were in use before it, and its records
 *       say what became of them. If it has no records, its beginning may have been cut short, and the segment
 *       before it is read as well; so it is if the beginning is damaged. If there is none before it, that is reported:
 *       QoS 2 messages that were in use there may be captured twice.
 *   <li><b>Births.</b> Those before the last segment are named by the file {@code births}, and those in it are found as it is
 *       read; what comes between is read besides. A file that is damaged is set aside, and what it alone had is lost: names
 *       of metrics, and no message.
 *   <li><b>End.</b> A log that ends before its checkpoint's end was restored from an older copy, or has lost segments.
 *       Positions up to there, and as many more as might have been used, are not used again.
 *   <li><b>Open segment.</b> Each opening begins a new segment, so that a file that was recovered never changes
 *       again. On a full disk that is left to the {@link SegmentWriter}, so that consumers can drain it meanwhile.
 *       Positions that records in the bytes cut off might have had are not used again either: Kafka may have them.
 * </ol>
 */
public final class Recovery {

    /** A folder in the buffer's folder that belongs to the broker. */
    static final String SESSIONS = "sessions";

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** What else may lie in a buffer's folder, beside the files of {@link Births}. */
    private static final Set<String> OWN = Set.of("lost+found", SESSIONS);

    /** More positions than a log can use while its checkpoint is not renewed. */
    private static final long UNKNOWN_POSITIONS = 1L << 24;

    private final Folder folder;
    private final Drops drops;
    private final UnaryOperator<List<StoredConsumers>> merge;
    private final TreeMap<Long, SegmentHeader> headers = new TreeMap<>();
    private final Map<Long, Long> sizes = new HashMap<>();
    private final ByteBuffer chunk = SegmentScan.newChunk();
    private List<String> names = List.of();
    private Optional<Checkpoint> checkpoint = Optional.empty();
    private List<StoredConsumers> consumers = List.of();
    private Losses losses;
    private UUID bufferId = UUID.randomUUID();
    private long unusable;

    private Recovery(Folder folder, Drops drops, UnaryOperator<List<StoredConsumers>> merge) {
        this.folder = folder;
        this.drops = drops;
        this.merge = merge;
        this.losses = new Losses(drops, List.of());
    }

    /**
     * A buffer ready to go on.
     *
     * @param log what readers see
     * @param next the first position that may be given out
     * @param file the last segment, if it has no records yet; empty if the disk has no space for one
     * @param checkpoint what is remembered, written already
     * @param ledger which packet identifiers are in use at the log's end
     * @param births which births of Sparkplug B are known at the log's end
     */
    public record Recovered(
            Log log, long next, Optional<Folder.File> file, Checkpoint checkpoint, Ledger ledger, Births births) {}

    /**
     * Recovers a buffer, or makes a new one.
     *
     * @param merge makes one part of all that a checkpoint and its changes say of consumers: a full disk may have no space
     *     for them one after the other
     * @throws BufferException if what is there cannot or must not be opened
     */
    public static Recovered run(Folder folder, Drops drops, UnaryOperator<List<StoredConsumers>> merge)
            throws IOException {
        return new Recovery(folder, drops, merge).run();
    }

    private Recovered run() throws IOException {
        lookAtFolder();
        readCheckpoints();
        readHeaders();
        checkChain();
        long end = headers.isEmpty()
                ? checkpoint.map(Checkpoint::start).orElse(0L)
                : checkTail(headers.lastEntry().getValue());
        Births births = new Births(folder, bufferId);
        try {
            Optional<Long> covered = births.load(names, headers.isEmpty() ? end : headers.firstKey(), end);
            LedgerScan.Found scanned = scanLedger(births);
            BirthScan.run(folder, headers, scanned.oldest(), covered, sizes, chunk, births);
            long next = checkEnd(end);
            return begin(end, next, scanned.ledger(), births);
        } catch (IOException | RuntimeException | Error e) {
            births.close();
            throw e;
        }
    }

    private void lookAtFolder() throws IOException {
        names = folder.names();
        List<String> foreign =
                names.stream().filter(Recovery::isForeign).sorted().toList();
        boolean isBuffer = names.stream()
                .anyMatch(name -> Checkpoints.NAMES.contains(name)
                        || SegmentName.baseIn(name).isPresent());
        if (!foreign.isEmpty() && !isBuffer) {
            throw new BufferException(folder + " is no buffer, and not empty (it holds " + foreign.get(0)
                    + "): name an empty folder, or one that does not exist yet");
        }
        if (!foreign.isEmpty()) {
            LOG.warn("{} holds what is not part of a buffer, and is left alone: {}", folder, foreign);
        }
    }

    private static boolean isForeign(String name) {
        return !name.startsWith(".")
                && !name.endsWith(SegmentName.DAMAGED_SUFFIX)
                && !OWN.contains(name)
                && !Births.FILES.contains(name)
                && !Checkpoints.NAMES.contains(name)
                && SegmentName.baseIn(name).isEmpty();
    }

    private void readCheckpoints() throws IOException {
        Checkpoints.Found found = Checkpoints.read(folder, names);
        checkpoint = found.newest();
        if (!found.damaged().isEmpty()) {
            LOG.error(
                    "{} in {} damaged: {}",
                    found.damaged(),
                    folder,
                    checkpoint.isPresent()
                            ? "an older checkpoint is used, and connectors may see some messages again"
                            : "the buffer no longer knows its consumers; each one starts at the log's start when it attaches");
        }
        checkpoint.ifPresent(known -> {
            bufferId = known.bufferId();
            losses = new Losses(drops, known.losses());
            consumers = merge.apply(known.consumers());
        });
    }

    private void readHeaders() throws IOException {
        TreeMap<Long, Optional<SegmentHeader>> found = SegmentHeader.readAll(folder, names, sizes);
        if (checkpoint.isEmpty() && !found.isEmpty()) {
            bufferId = found.values().stream()
                    .flatMap(Optional::stream)
                    .findFirst()
                    .map(SegmentHeader::bufferId)
                    .orElseThrow(() -> new BufferException(folder
                            + " holds segments, but neither a checkpoint nor a segment's header is intact; restore it"
                            + " from a copy, or name another folder"));
        }
        found.values().forEach(header -> header.ifPresent(this::requireOwn));
        for (var entry : found.entrySet()) {
            if (entry.getValue().isPresent()) {
                headers.put(entry.getKey(), entry.getValue().get());
            } else {
                repair(entry.getKey(), found.higherKey(entry.getKey()) == null);
            }
        }
    }

    private void requireOwn(SegmentHeader header) {
        if (!header.bufferId().equals(bufferId)) {
            throw new BufferException(SegmentName.of(header.base()) + " in " + folder + " belongs to buffer "
                    + header.bufferId() + ", not to " + bufferId + ": move it out of the folder");
        }
    }

    private void repair(long base, boolean last) throws IOException {
        String name = SegmentName.of(base);
        boolean hasRecords;
        long bytes;
        try (Folder.File file = folder.open(name)) {
            bytes = file.size();
            hasRecords = SegmentScan.hasRecord(file, RecordLayout.salt(bufferId, base), base, chunk);
            if (hasRecords) {
                LOG.warn(
                        "The header of {} in {} is damaged, its records are not: the broker rewrites the header",
                        name,
                        folder);
                // nobody knows any more where the segment before ended: all that is not there up to this one counts as
                // lost
                SegmentHeader repaired = newHeader(base, base);
                file.write(repaired.encode(), 0);
                file.force();
                headers.put(base, repaired);
            }
        }
        if (!hasRecords && bytes <= SegmentHeader.BYTES && last) {
            LOG.info("{} in {} was never completed: it is deleted", name, folder);
            folder.delete(name);
        } else if (!hasRecords) {
            String aside = name + SegmentName.DAMAGED_SUFFIX;
            LOG.error("{} in {} has no intact record: it is set aside as {}", name, folder, aside);
            folder.rename(name, aside);
            unusable = Math.max(unusable, base + bytes / RecordLayout.HEADER_BYTES + 1);
        }
    }

    private SegmentHeader newHeader(long base, long previousEnd) {
        long before = headers.isEmpty() ? -1 : headers.lastKey();
        return new SegmentHeader(bufferId, base, before, previousEnd, System.currentTimeMillis());
    }

    private void checkChain() throws IOException {
        long start = checkpoint.map(Checkpoint::start).orElse(-1L);
        while (headers.size() > 1
                && headers.higherEntry(headers.firstKey()).getValue().previousEnd() <= start) {
            folder.delete(SegmentName.of(headers.pollFirstEntry().getKey()));
        }
        if (!headers.isEmpty() && start >= 0 && headers.firstEntry().getValue().previousEnd() > start) {
            missing(start, headers.firstEntry().getValue().previousEnd());
        }
        SegmentHeader before = null;
        for (SegmentHeader header : headers.values()) {
            if (before != null && header.previousBase() != before.base()) {
                long end = SegmentScan.run(before, folder, chunk, SegmentScan.Visitor.NONE)
                        .end();
                missing(end, header.previousEnd());
            }
            before = header;
        }
    }

    private void missing(long from, long to) {
        if (from < to) {
            losses.add(new Gap(from, to, "their segments are missing from " + folder), DropReason.DAMAGE);
        }
    }

    private long checkTail(SegmentHeader last) throws IOException {
        TailCheck.Result found = TailCheck.run(folder, last, safeEnd(), chunk, losses);
        sizes.put(last.base(), found.intact().bytes());
        unusable = Math.max(unusable, found.unusable());
        return found.intact().end();
    }

    /** Everything before this position was safe at some time: also what was lost before a full disk took no segment behind it. */
    private long safeEnd() {
        return Stream.concat(
                        checkpoint.stream().map(Checkpoint::end),
                        losses.remembered().stream().map(Gap::to))
                .max(Long::compare)
                .orElse(0L);
    }

    private LedgerScan.Found scanLedger(Births births) throws IOException {
        LedgerScan.Found found =
                LedgerScan.run(folder, List.copyOf(headers.values()), chunk, new BirthScan(births, Long.MAX_VALUE));
        if (found.damaged()) {
            LOG.error(
                    "{} in {} is damaged where it says which QoS 2 messages were not released: those that their clients"
                            + " send again may be captured twice",
                    SegmentName.of(found.oldest()),
                    folder);
        }
        return found;
    }

    private long checkEnd(long end) {
        long next = Math.max(end, unusable);
        long known = safeEnd();
        if (known > end) {
            losses.add(
                    new Gap(
                            end,
                            known,
                            "the newest segments are missing from " + folder
                                    + ", or it was restored from an older copy"),
                    DropReason.DAMAGE);
            next = Math.max(next, known + UNKNOWN_POSITIONS);
        }
        return next;
    }

    private Recovered begin(long end, long next, Ledger ledger, Births births) throws IOException {
        long everSafe = Math.max(end, safeEnd());
        long start = headers.isEmpty() ? end : headers.firstEntry().getValue().previousEnd();
        Checkpoint before = checkpoint.orElseGet(() -> nothingRemembered(end, next));
        Checkpoint renewed = Checkpoints.begin(
                folder,
                checkpoint,
                new Checkpoint(
                        bufferId,
                        before.sequence() + 1,
                        start,
                        everSafe,
                        before.orphans(),
                        before.openings().since(start).next(next),
                        losses.remembered(),
                        consumers));
        folder.force();
        Optional<Folder.File> file = Optional.empty();
        try {
            file = Optional.of(beginSegment(everSafe, next, ledger));
        } catch (IOException e) {
            // The ledger in it may be cut short: the segment before is the last one, and stays, until there is another.
            if (headers.size() > 1) {
                headers.remove(next);
                sizes.remove(next);
            }
            if (headers.isEmpty()) {
                throw e;
            }
            LOG.warn(
                    "The broker cannot begin a segment in {} ({}): tasks can drain the buffer, and the broker acknowledges"
                            + " nothing until it can",
                    folder,
                    e.toString());
        }
        Log log = new Log(folder, bufferId, headers.values(), sizes, end, losses);
        return new Recovered(log, next, file, renewed, ledger, births);
    }

    /** What a buffer begins with whose folder has no checkpoint: if there are messages, consumers have been lost. */
    private Checkpoint nothingRemembered(long end, long next) {
        Orphans orphans = end > 0 ? new Orphans(next, 0) : Orphans.NONE;
        Openings openings = end > 0 ? Openings.FORGOTTEN : Openings.NONE;
        return new Checkpoint(bufferId, 0, 0, 0, orphans, openings, List.of(), List.of());
    }

    private Folder.File beginSegment(long everSafe, long next, Ledger ledger) throws IOException {
        SegmentHeader empty = headers.get(next);
        SegmentHeader header = empty != null ? empty : newHeader(next, everSafe);
        Folder.File file = empty != null ? folder.open(SegmentName.of(next)) : SegmentWriter.create(folder, header);
        try {
            if (empty == null || headers.size() > 1) {
                // a ledger that is there may have been cut short; those before it have it until this one is complete
                file.truncate(SegmentHeader.BYTES);
                sizes.put(next, SegmentWriter.begin(file, header, ledger));
            }
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
        headers.put(next, header);
        return file;
    }
}
