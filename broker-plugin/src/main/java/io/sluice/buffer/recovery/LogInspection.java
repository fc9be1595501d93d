package io.sluice.buffer.recovery;

import io.sluice.buffer.log.Drops;
import io.sluice.buffer.log.Segment;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.log.SegmentScan;
import io.sluice.buffer.log.SegmentScan.Visitor;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import io.sluice.file.TrialFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** What can be said of the segments in a folder that no broker uses. Changes nothing. Not thread-safe. */
public final class LogInspection {

    private final Folder folder;
    private final Checkpoints.Found checkpoints;
    private final Map<Long, Long> sizes = new HashMap<>();
    private final TreeMap<Long, Optional<SegmentHeader>> segments;
    private final ByteBuffer chunk = SegmentScan.newChunk();

    /**
     * Looks at a folder.
     *
     * @throws BufferException if it holds no buffer, or one of another version
     */
    public LogInspection(Folder folder) throws IOException {
        this.folder = folder;
        List<String> names = folder.names();
        this.checkpoints = Checkpoints.read(folder, names);
        this.segments = SegmentHeader.readAll(folder, names, sizes);
        if (segments.isEmpty() && checkpoints.newest().isEmpty()) {
            throw new BufferException(folder + " holds no buffer");
        }
    }

    public Optional<Checkpoint> checkpoint() {
        return checkpoints.newest();
    }

    /** The buffer's id, if a checkpoint or a header is intact. */
    public Optional<UUID> bufferId() {
        return checkpoint()
                .map(Checkpoint::bufferId)
                .or(() -> headers().stream().findFirst().map(SegmentHeader::bufferId));
    }

    /** What shows without reading messages: checkpoints and headers that are damaged. */
    public List<String> damagedAtFirstSight() {
        List<String> faults = new ArrayList<>();
        checkpoints.damaged().forEach(name -> faults.add(name + " is damaged"));
        segments.forEach((base, header) -> {
            if (header.isEmpty()) {
                faults.add(SegmentName.of(base) + ": its header is damaged");
            }
        });
        return faults;
    }

    /**
     * A segment.
     *
     * @param bytes size of the file
     * @param begun when it was begun; empty if its header is damaged
     */
    public record SegmentFile(String name, long base, long bytes, Optional<Instant> begun) {}

    public List<SegmentFile> segments() {
        List<SegmentFile> files = new ArrayList<>();
        segments.forEach((base, header) -> files.add(new SegmentFile(
                SegmentName.of(base),
                base,
                sizes.getOrDefault(base, 0L),
                header.map(intact -> Instant.ofEpochMilli(intact.createdAtMs())))));
        return files;
    }

    /** The position after the last one that is used, as far as it can be known. */
    public long end() throws IOException {
        long known = checkpoint().map(Checkpoint::end).orElse(0L);
        if (segments.isEmpty() || segments.lastEntry().getValue().isEmpty()) {
            return known;
        }
        SegmentHeader last = segments.lastEntry().getValue().get();
        return Math.max(
                known, SegmentScan.run(last, folder, chunk, Visitor.NONE).end());
    }

    public Map<String, Integer> unreleased() throws IOException {
        Map<String, Integer> unreleased = new TreeMap<>();
        LedgerScan.run(folder, headers(), chunk, Visitor.NONE)
                .ledger()
                .copy()
                .forEach((client, ids) -> unreleased.put(client, ids.size()));
        return unreleased;
    }

    private List<SegmentHeader> headers() {
        return segments.values().stream().flatMap(Optional::stream).toList();
    }

    public interface Listener {

        /** A message that is intact. Returns whether it wants to hear of the next one. */
        boolean message(long position, int lane, long receivedAtMs, String topic);
    }

    /** Tells the messages from a position on, as far as they are intact. */
    public void messages(long from, Listener listener) throws IOException {
        List<SegmentHeader> headers = headers();
        boolean[] done = new boolean[1];
        for (int i = 0; i < headers.size() && !done[0]; i++) {
            long end = i + 1 < headers.size() ? headers.get(i + 1).previousEnd() : Long.MAX_VALUE;
            if (end <= from) {
                continue;
            }
            SegmentScan.run(headers.get(i), folder, chunk, new Visitor() {
                @Override
                public void record(ByteBuffer in, int at, long offset) {
                    long position = RecordLayout.position(in, at);
                    if (position >= from && position < end && RecordLayout.isMessage(in, at)) {
                        done[0] = !listener.message(
                                position,
                                RecordLayout.lane(in, at),
                                RecordLayout.receivedAt(in, at),
                                RecordLayout.topic(in, at));
                    }
                }

                @Override
                public boolean isDone() {
                    return done[0];
                }
            });
        }
    }

    /**
     * The first position, of those in the log, that was received at a time or later. It reads from the last segment on that
     * was begun before; a clock that was set back may have given later messages an earlier time.
     *
     * @param ms milliseconds since the epoch, by the broker's clock
     */
    public OptionalLong firstSince(long ms) throws IOException {
        long from = headers().stream()
                .filter(header -> header.createdAtMs() <= ms)
                .mapToLong(SegmentHeader::base)
                .max()
                .orElse(0);
        long[] found = {-1};
        messages(from, (position, lane, receivedAtMs, topic) -> {
            boolean since = receivedAtMs >= ms;
            found[0] = since ? position : -1;
            return !since;
        });
        return found[0] < 0 ? OptionalLong.empty() : OptionalLong.of(found[0]);
    }

    /**
     * What was found by reading everything.
     *
     * @param messages messages in each lane that has some, by lane
     * @param releases QoS 2 messages that were released
     * @param repeated clients that segments repeat at their start
     * @param intact how far each segment is intact, in words
     * @param faults what is damaged, a sentence each
     */
    public record Reading(
            Map<Integer, Long> messages,
            long releases,
            long sessionEnds,
            long repeated,
            List<String> intact,
            List<String> faults) {}

    /** Reads everything, with the checksum of each record. */
    public Reading read() throws IOException {
        Counts counts = new Counts();
        List<String> intact = new ArrayList<>();
        checkpoints.damaged().forEach(name -> counts.faults.add(name + " is damaged"));
        long last = -1;
        for (var segment : segments.entrySet()) {
            String name = SegmentName.of(segment.getKey());
            if (segment.getValue().isEmpty()) {
                counts.faults.add(
                        name + ": its header is damaged; the broker makes a new one if its records are intact");
                continue;
            }
            SegmentHeader header = segment.getValue().get();
            if (last >= 0 && last < header.previousEnd()) {
                counts.faults.add(positions(last, header.previousEnd()) + " are missing before " + name);
            }
            counts.name = name;
            try (Folder.File file = folder.open(name)) {
                Segment.Extent extent = SegmentScan.run(header, file, chunk, counts);
                intact.add(name + ": " + positions(header.base(), extent.end()) + ", " + extent.bytes() + " bytes");
                if (file.size() > extent.bytes()) {
                    counts.faults.add(name + ": " + (file.size() - extent.bytes()) + " bytes after position "
                            + (extent.end() - 1) + " are no record");
                }
                last = extent.end();
            }
        }
        return new Reading(
                counts.messages,
                counts.control[RecordLayout.RELEASE],
                counts.control[RecordLayout.SESSION_END],
                counts.control[RecordLayout.LEDGER],
                intact,
                counts.faults);
    }

    private static final class Counts implements Visitor {
        private final Map<Integer, Long> messages = new TreeMap<>();
        private final long[] control = new long[RecordLayout.LEDGER + 1];
        private final List<String> faults = new ArrayList<>();
        private String name = "";

        @Override
        public void record(ByteBuffer in, int at, long offset) {
            if (RecordLayout.isMessage(in, at)) {
                messages.merge(RecordLayout.lane(in, at), 1L, Long::sum);
            } else if (RecordLayout.code(in, at) < control.length) {
                control[RecordLayout.code(in, at)]++;
            }
        }

        @Override
        public void beginningDamaged() {
            faults.add(name + ": its beginning is damaged");
        }

        @Override
        public void damage(long from, long to, long offset) {
            faults.add(name + ": " + positions(from, to) + " are damaged");
        }
    }

    /**
     * What a broker would do with the folder before it goes on, found by letting it: in memory, on top of the folder.
     *
     * @return a sentence for each thing; none if it would go on as it is
     */
    public List<String> start() throws IOException {
        List<String> sentences = new ArrayList<>();
        List<Gap> before = checkpoint().map(Checkpoint::losses).orElse(List.of());
        try (TrialFolder trial = new TrialFolder(folder)) {
            Checkpoint begun =
                    Recovery.run(trial, new Drops(), UnaryOperator.identity()).checkpoint();
            trial.changes().forEach(change -> sentence(change).ifPresent(sentences::add));
            if (!checkpoints.damaged().isEmpty()) {
                sentences.add(
                        checkpoint().isPresent()
                                ? "It uses the older checkpoint: connectors may see some messages again."
                                : "It knows no connector any more: those that attach begin at the log's start.");
            }
            begun.losses().stream()
                    .filter(loss -> !before.contains(loss))
                    .forEach(loss -> sentences.add("It counts " + positions(loss.from(), loss.to()) + " as lost ("
                            + loss.count() + " of them): " + loss.cause() + "."));
        } catch (BufferException e) {
            sentences.add("It refuses the folder: " + e.getMessage() + ".");
        }
        return sentences;
    }

    private static Optional<String> sentence(TrialFolder.Change change) {
        boolean segment = SegmentName.baseIn(change.file()).isPresent();
        return switch (change.deed()) {
            case DELETED ->
                segment ? Optional.of("It deletes " + change.file() + ", which nobody needs.") : Optional.empty();
            case RENAMED -> Optional.of("It renames " + change.file() + " to " + change.detail() + ".");
            case CUT ->
                Optional.of("It cuts " + change.detail() + " bytes off the end of " + change.file()
                        + ", which are no record.");
            case BEGUN_ANEW ->
                segment
                        ? Optional.of("It gives " + change.file() + " a new header; the records stay.")
                        : Optional.empty();
        };
    }

    private static String positions(long from, long to) {
        return "positions " + from + " to " + (to - 1);
    }
}
