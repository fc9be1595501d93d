package io.sluice.buffer.log;

import io.sluice.file.Folder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What can be said of the segments in a folder that no broker uses. Changes nothing. Not thread-safe. */
public final class LogInspection {

    private final Folder folder;
    private final PrintWriter out;
    private final Checkpoints.Found checkpoints;
    private final Map<Long, Optional<SegmentHeader>> segments = new TreeMap<>();

    /**
     * Looks at a folder.
     *
     * @throws BufferException if it holds no buffer, or one of a newer version
     */
    public LogInspection(Folder folder, PrintWriter out) throws IOException {
        this.folder = folder;
        this.out = out;
        List<String> names = folder.names();
        this.checkpoints = Checkpoints.read(folder, names);
        for (String name : names) {
            if (Segment.baseIn(name).isPresent()) {
                segments.put(Segment.baseIn(name).getAsLong(), SegmentHeader.read(folder, name));
            }
        }
        if (segments.isEmpty() && checkpoints.newest().isEmpty()) {
            throw new BufferException(folder + " holds no buffer");
        }
    }

    /** The newest checkpoint that is intact. */
    public Optional<Checkpoint> checkpoint() {
        return checkpoints.newest();
    }

    /** Describes the segments, without reading their messages; returns whether nothing is damaged, as far as it shows. */
    public boolean describe() throws IOException {
        checkpoints.damaged().forEach(name -> out.printf("%s is damaged.%n", name));
        out.printf("%nSegments: %d%n", segments.size());
        for (var segment : segments.entrySet()) {
            describe(segment.getKey(), segment.getValue());
        }
        describe(LedgerScan.run(
                        folder,
                        segments.values().stream().flatMap(Optional::stream).toList(),
                        SegmentCursor.newChunk())
                .ledger());
        return checkpoints.damaged().isEmpty() && segments.values().stream().allMatch(Optional::isPresent);
    }

    private void describe(long base, Optional<SegmentHeader> header) throws IOException {
        try (Folder.File file = folder.open(Segment.name(base))) {
            out.printf(
                    "  %s: from position %d, %d bytes, %s%n",
                    Segment.name(base),
                    base,
                    file.size(),
                    header.map(known -> "begun " + Instant.ofEpochMilli(known.createdAtMs()))
                            .orElse("header damaged"));
        }
    }

    private void describe(Ledger ledger) {
        Map<String, Map<Integer, Long>> unreleased = ledger.copy();
        out.printf(
                "%nQoS 2 messages that their clients have not released: %d of %d clients%n",
                unreleased.values().stream().mapToInt(Map::size).sum(), unreleased.size());
        unreleased.forEach((client, ids) -> out.printf("  %s: %d%n", client, ids.size()));
    }

    /** Reads everything and says what is damaged; returns whether nothing is. */
    public boolean check() throws IOException {
        List<String> faults = new ArrayList<>();
        checkpoints.damaged().forEach(name -> faults.add(name + " is damaged"));
        long[] byLane = new long[Lanes.COUNT];
        long[] byControlKind = new long[RecordLayout.LEDGER + 1];
        long last = -1;
        for (var segment : segments.entrySet()) {
            String name = Segment.name(segment.getKey());
            if (segment.getValue().isEmpty()) {
                faults.add(name + ": its header is damaged; the broker makes a new one if its records are intact");
                continue;
            }
            SegmentHeader header = segment.getValue().get();
            if (last >= 0 && last < header.previousEnd()) {
                faults.add(positions(last, header.previousEnd()) + " are missing before " + name);
            }
            last = check(name, header, byLane, byControlKind, faults);
        }
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            if (byLane[lane] > 0) {
                out.printf("Lane %2d: %d messages%n", lane, byLane[lane]);
            }
        }
        out.printf(
                "QoS 2: %d releases, %d ends of sessions, %d clients repeated at the start of segments%n",
                byControlKind[RecordLayout.RELEASE],
                byControlKind[RecordLayout.SESSION_END],
                byControlKind[RecordLayout.LEDGER]);
        faults.forEach(out::println);
        out.println(faults.isEmpty() ? "Nothing is damaged." : faults.size() + " faults.");
        return faults.isEmpty();
    }

    private long check(String name, SegmentHeader header, long[] byLane, long[] byControlKind, List<String> faults)
            throws IOException {
        try (Folder.File file = folder.open(name)) {
            Segment.Extent intact = SegmentScan.run(header, file, SegmentCursor.newChunk(), new SegmentScan.Visitor() {
                @Override
                public void record(ByteBuffer chunk, int at) {
                    if (RecordLayout.isMessage(chunk, at)) {
                        byLane[RecordLayout.lane(chunk, at)]++;
                    } else if (RecordLayout.code(chunk, at) < byControlKind.length) {
                        byControlKind[RecordLayout.code(chunk, at)]++;
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
            });
            out.printf("%s: positions %d to %d, %d bytes%n", name, header.base(), intact.end() - 1, intact.bytes());
            if (file.size() > intact.bytes()) {
                faults.add(name + ": " + (file.size() - intact.bytes()) + " bytes after position " + (intact.end() - 1)
                        + " are no record");
            }
            return intact.end();
        }
    }

    private static String positions(long from, long to) {
        return "positions " + from + " to " + (to - 1);
    }
}
