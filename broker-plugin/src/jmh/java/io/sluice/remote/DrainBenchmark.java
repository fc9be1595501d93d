package io.sluice.remote;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
 * A backlog of 256 MiB in the page cache made into messages, from its start to its end: by a consumer in the broker, and
 * by one behind a socket on loopback, which checks each record a second time. The polls are those of a task. What a task
 * does with the messages comes on top of both.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class DrainBenchmark {

    private static final long LOG_BYTES = 256L << 20;

    /** Payload of a message, in bytes. */
    @Param({"256", "4096"})
    public int payload;

    private Path folder = Path.of(".");
    private SharedBuffer buffer;
    private DrainServer server;

    /** An attachment for each reading. */
    @State(Scope.Thread)
    public static class Reader {
        private Attachment local;
        private RemoteAttachment remote;

        @Setup(Level.Invocation)
        public void attach(DrainBenchmark benchmark) {
            local = benchmark.buffer.attach(TestMessages.spec("local"));
            local.seek(LanePositions.all(-1));
            remote = RemoteAttachment.attach(
                    benchmark.server.endpoint(), BufferCredentials.NONE, TestMessages.spec("remote"));
        }

        @TearDown(Level.Invocation)
        public void detach() {
            local.close();
            remote.close();
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
                            100,
                            TestMessages.message(
                                    "device-" + i % 1000, "factory/line-3/" + i % 500, new byte[payload])));
        }
        TestMessages.append(buffer, TestMessages.message("last")).awaitSafe();
        server = DrainServer.start(
                buffer,
                new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:0"), Optional.empty(), Optional.empty()));
    }

    @TearDown
    public void delete() throws IOException {
        server.close();
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
    public long local(Reader reader) throws InterruptedException {
        return drain(reader.local);
    }

    @Benchmark
    public long remote(Reader reader) throws InterruptedException {
        // Not before: the broker sends ahead.
        reader.remote.seek(LanePositions.all(-1));
        return drain(reader.remote);
    }

    private long drain(Attachment consumer) throws InterruptedException {
        long end = buffer.stats().end();
        long messages = 0;
        for (long frontier = 0; frontier < end; ) {
            ReadBatch batch = consumer.read(2000, 4 << 20, Duration.ofMillis(500));
            messages += batch.messages().size();
            frontier = batch.frontier();
        }
        return messages;
    }
}
