package io.sluice.buffer;

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
 * A log of 256 MiB in the page cache read from its start to its end: by a consumer, which checks every record and makes
 * a message of it; by a consumer that wants none of the topics; and by a bare channel, which copies bytes and looks at
 * none of them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class ReadBenchmark {

    private static final long LOG_BYTES = 256L << 20;

    /** Payload of a message, in bytes. */
    @Param({"256", "4096", "65536"})
    public int payload;

    private Path folder = Path.of(".");
    private SharedBuffer buffer;
    private List<Path> segments = List.of();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(256 << 10);

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
    public long consumer() throws InterruptedException {
        return readAll("#");
    }

    @Benchmark
    public long consumerOfNothing() throws InterruptedException {
        return readAll("other");
    }

    private long readAll(String filter) throws InterruptedException {
        try (BufferConsumer consumer = buffer.attach(TestMessages.spec("reader", filter))) {
            consumer.seek(LanePositions.all(-1));
            long messages = 0;
            long frontier = 0;
            while (frontier < consumer.end()) {
                ReadBatch batch = consumer.read(2000, 4 << 20, Duration.ofMillis(1));
                messages += batch.messages().size();
                frontier = batch.frontier();
            }
            return messages;
        }
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
}
