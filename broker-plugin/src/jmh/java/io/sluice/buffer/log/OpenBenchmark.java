package io.sluice.buffer.log;

import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.buffer.recovery.Openings;
import io.sluice.buffer.recovery.Recovery;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Opens a log of 10 GB, and one of a terabyte, of sparse segments of 64 MiB, and says what that takes of the processor, and
 * what of the heap its index takes once readers have passed all of it. With {@code -wi 0 -i 1} in a JVM that has just started.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class OpenBenchmark {

    private static final int SEGMENT_BYTES = 64 << 20;
    private static final int RECORD_BYTES = 300;

    /** How many segments there are. */
    @Param({"160", "16000"})
    public int segments;

    private Path dir = Path.of(".");
    private Log log;

    @Setup
    public void write() throws IOException {
        dir = Files.createTempDirectory("sluice-bench");
        UUID id = UUID.randomUUID();
        long perSegment = SEGMENT_BYTES / RECORD_BYTES;
        try (Folder folder = DiskFolder.open(dir)) {
            Checkpoints.write(
                    folder,
                    new Checkpoint(
                            id,
                            1,
                            0,
                            perSegment * segments,
                            Checkpoint.Orphans.NONE,
                            new Openings(List.of(new Openings.Opening(1, 0))),
                            List.of(),
                            List.of()));
            for (int i = 0; i < segments; i++) {
                SegmentHeader header = new SegmentHeader(
                        id, i * perSegment, i == 0 ? -1 : (i - 1) * perSegment, i * perSegment, 1_700_000_000_000L + i);
                try (RandomAccessFile file =
                        new RandomAccessFile(dir.resolve(SegmentName.of(header.base())).toFile(), "rw")) {
                    file.getChannel().write(header.encode());
                    if (i + 1 < segments) {
                        file.setLength(SEGMENT_BYTES);
                    } else {
                        file.getChannel().write(record(header));
                    }
                }
            }
        }
    }

    private static ByteBuffer record(SegmentHeader header) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
        CRC32C crc = new CRC32C();
        RecordLayout.encodeControl(record, RecordLayout.SESSION_END, header.base(), 0, "client", 0, Map.of(), crc);
        RecordLayout.seal(record, 0, header.salt(), crc);
        return record.flip();
    }

    @Benchmark
    public long open() throws IOException {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try (Folder folder = DiskFolder.open(dir)) {
            Recovery.Recovered opened = Recovery.run(folder, new Drops(), UnaryOperator.identity());
            log = opened.log();
            if (opened.file().isPresent()) {
                opened.file().get().close();
            }
            return log.bytes();
        } finally {
            long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            System.out.printf("%n%d segments: %d ms of processor%n", segments, TimeUnit.NANOSECONDS.toMillis(took));
        }
    }

    @TearDown
    public void sayHeapAndDelete() throws IOException {
        for (Segment segment : log.segments()) {
            for (int offset = SegmentHeader.BYTES, i = 0; offset < SEGMENT_BYTES; offset += RECORD_BYTES, i++) {
                segment.note(segment.base() + i, offset);
            }
        }
        long with = usedHeap();
        int count = log.segments().size();
        log = null;
        long without = usedHeap();
        System.out.printf("%nheap of the index of %d segments: %.2f MB%n", count, (with - without) / 1e6);
        try (var files = Files.list(dir)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(dir);
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
