package io.sluice.buffer;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;

import io.sluice.message.Message;
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
import java.util.concurrent.Semaphore;
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
 * Groups appended and forced, by the buffer, and by a bare channel that writes the same bytes and forces as often: the
 * first should reach at least 0.8 of the second. One operation is one group of {@link #GROUP_BYTES}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class AppendBenchmark {

    private static final int GROUP_BYTES = 1 << 20;
    private static final int SEGMENT_BYTES = 64 << 20;

    /** Payload of a message, in bytes. */
    @Param({"256", "4096"})
    public int payload;

    private Path folder = Path.of(".");
    private SharedBuffer buffer;
    private Attachment consumer;
    private List<Message> group = List.of();
    private FileChannel channel;
    private long written;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(GROUP_BYTES);

    /** One group is written while the next one is encoded. */
    private final Semaphore turns = new Semaphore(2);

    private final AppendListener listener = new AppendListener() {
        @Override
        public void safe() {
            turns.release();
        }

        @Override
        public void failed(BufferException cause) {
            throw cause;
        }
    };

    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("sluice-bench");
        Message message = TestMessages.message("device-17", "factory/line-3/press", new byte[payload]);
        int record = 40 + 9 + 20 + payload;
        group = Collections.nCopies(GROUP_BYTES / record, message);
        buffer = SharedBuffer.open(new BufferConfig(
                Optional.of(folder.resolve("buffer")),
                1L << 40,
                Overflow.BLOCK,
                SEGMENT_BYTES,
                Duration.ZERO,
                Duration.ZERO));
        consumer = buffer.attach(TestMessages.spec("c"));
        channel = newChannel();
    }

    private FileChannel newChannel() throws IOException {
        written = 0;
        return FileChannel.open(
                Files.createTempFile(folder, "bare", ".log"), StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    @TearDown
    public void close() throws IOException {
        turns.acquireUninterruptibly(2);
        BufferStats stats = buffer.stats();
        System.out.printf(
                "%n%d messages in %d groups: %.0f KiB a group%n",
                stats.appended(),
                stats.groups(),
                stats.groups() == 0 ? 0.0 : (double) stats.appended() * (69 + payload) / stats.groups() / 1024);
        buffer.close();
        channel.close();
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
    public void buffer() {
        turns.acquireUninterruptibly();
        Admission admission = buffer.append(group, listener);
        if (admission.accepted() < group.size()) {
            throw new IllegalStateException("not accepted: " + admission);
        }
        consumer.acknowledge(LanePositions.all(consumer.end() - 1));
    }

    @Benchmark
    public void bareChannel() throws IOException {
        if (written + GROUP_BYTES > SEGMENT_BYTES) {
            channel.close();
            channel = newChannel();
        }
        bytes.clear().limit((69 + payload) * group.size());
        while (bytes.hasRemaining()) {
            written += channel.write(bytes, written);
        }
        channel.force(false);
    }
}
