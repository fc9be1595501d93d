package io.sluice.buffer;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;


import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * A log of 256 MiB in the page cache read from its start to its end, through chunks of the same size: by a consumer that
 * takes records, each checked, as they are; by one that has messages made of them; by one that wants none of the topics;
 * and by a bare channel, which copies bytes and looks at none of them. The bare channel that also adds up one checksum a
 * record shows how much of the first is left to gain.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ReadBenchmark {

    private static final long LOG_BYTES = 256L << 20;
    private static final int PAGE = 4096;

    /** As many bytes as a consumer of the buffer reads at a time. */
    private static final int CHUNK_BYTES = 256 << 10;

    /** Payload of a message, in bytes. */
    @Param({"256", "4096"})
    public int payload;

    private Path folder = Path.of(".");
    private SharedBuffer buffer;
    private List<Path> segments = List.of();

    /** On a page of its own: some processors copy to sixteen bytes behind one at half the speed. */
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES + PAGE)
            .alignedSlice(PAGE)
            .slice(0, CHUNK_BYTES);

    /** An attachment for each reading: to attach costs a forced checkpoint. */
    @State(Scope.Thread)
    public static class Reader {
        private Attachment wantsAll;
        private Attachment wantsNone;

        @Setup(Level.Invocation)
        public void attach(ReadBenchmark benchmark) {
            wantsAll = attach(benchmark.buffer, "all", "factory/#");
            wantsNone = attach(benchmark.buffer, "none", "other");
        }

        private static Attachment attach(SharedBuffer buffer, String name, String filter) {
            Attachment consumer = buffer.attach(TestMessages.spec(name, filter));
            consumer.seek(LanePositions.all(-1));
            return consumer;
        }

        @TearDown(Level.Invocation)
        public void detach() {
            wantsAll.close();
            wantsNone.close();
        }
    }

    @Setup
    public void write() throws IOException {
        folder = Files.createTempDirectory("sluice-bench");
        buffer = SharedBuffer.open(new BufferConfig(
                Optional.of(folder), 1L << 40, Overflow.BLOCK, 64 << 20, Duration.ZERO, Duration.ZERO));
        buffer.attach(TestMessages.spec("keeper"));
        int count = (int) (LOG_BYTES / (69 + payload));
        for (int i = 0; i < count; i += 100) {
            TestMessages.appendAll(
                    buffer,
                    Collections.nCopies(
                            100, TestMessages.message("device-" + i % 1000, "factory/line-3/" + i % 500, new byte[payload])));
        }
        TestMessages.append(buffer, TestMessages.message("last")).awaitSafe();
        try (var files = Files.list(folder)) {
            segments = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
        }
    }

    @TearDown
    public void delete() throws IOException {
        buffer.close();
        List<Path> left = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            files.forEach(left::add);
        }
        Collections.reverse(left);
        for (Path path : left) {
            Files.deleteIfExists(path);
        }
    }

    @Benchmark
    public long records(Reader reader) throws InterruptedException {
        return readRecords(reader.wantsAll);
    }

    @Benchmark
    public long recordsUnwanted(Reader reader) throws InterruptedException {
        return readRecords(reader.wantsNone);
    }

    private static long readRecords(Attachment consumer) throws InterruptedException {
        long bytes = 0;
        for (long frontier = 0; frontier < consumer.end(); ) {
            RecordBatch batch = consumer.readRecords(1 << 20, Duration.ofMillis(1));
            bytes += batch.records().remaining();
            frontier = batch.frontier();
        }
        return bytes;
    }

    @Benchmark
    public long messages(Reader reader) throws InterruptedException {
        long messages = 0;
        for (long frontier = 0; frontier < reader.wantsAll.end(); ) {
            ReadBatch batch = reader.wantsAll.read(2000, 4 << 20, Duration.ofMillis(1));
            messages += batch.messages().size();
            frontier = batch.frontier();
        }
        return messages;
    }

    @Benchmark
    public long bareChannel() throws IOException {
        long bytes = 0;
        for (Path segment : segments) {
            try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
                for (int read = channel.read(chunk.clear()); read >= 0; read = channel.read(chunk.clear())) {
                    bytes += read;
                }
            }
        }
        return bytes;
    }

    @Benchmark
    public long bareChannelAndChecksums() throws IOException {
        CRC32C crc = new CRC32C();
        long sum = 0;
        for (Path segment : segments) {
            try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
                for (int read = channel.read(chunk.clear()); read >= 0; read = channel.read(chunk.clear())) {
                    for (int at = 0; at < read; at += 69 + payload) {
                        crc.reset();
                        crc.update(chunk.limit(Math.min(read, at + 69 + payload)).position(at));
                        sum += crc.getValue();
                    }
                }
            }
        }
        return sum;
    }
}
