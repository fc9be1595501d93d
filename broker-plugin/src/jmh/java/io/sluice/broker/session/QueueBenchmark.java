package io.sluice.broker.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * One publish queued for sessions that are away, whose queues are full, so that each drops its oldest message. One
 * operation of {@link #queue} is one publish, with at most {@value #WINDOW} that are not yet safe; of {@link #safe} one
 * publish that is waited for.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 3)
public class QueueBenchmark {

    private static final int WINDOW = 1_000;
    private static final int PAYLOAD = 256;

    /** How many sessions queue the publish. */
    @Param({"1", "10", "1000"})
    public int sessions;

    /** Where it is kept. */
    @Param({"disk", "memory"})
    public String storage;

    private Path folder = Path.of(".");
    private SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);
    private final List<SessionQueue> queues = new ArrayList<>();
    private final Semaphore turns = new Semaphore(WINDOW);
    private final SafeListener listener = new SafeListener() {
        @Override
        public void safe() {
            turns.release();
        }

        @Override
        public void failed(SessionStoreException cause) {
            turns.release();
        }
    };

    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("sluice-bench");
        store = SessionStore.open(
                storage.equals("disk") ? Optional.of(folder.resolve("sessions")) : Optional.empty(),
                SessionLimits.DEFAULT);
        for (int i = 0; i < sessions; i++) {
            store.save(TestSessions.session("client-" + i));
            queues.add(store.queue("client-" + i));
        }
    }

    @TearDown
    public void close() throws IOException {
        turns.acquireUninterruptibly(WINDOW);
        System.out.printf("%n%s%n", store.stats());
        store.close();
        List<Path> left = new ArrayList<>();
        try (var files = Files.walk(folder)) {
            files.forEach(left::add);
        }
        Collections.reverse(left);
        for (Path path : left) {
            Files.deleteIfExists(path);
        }
    }

    private void publish() {
        StoredPublish publish = TestSessions.publish("factory/line-3/press", "x".repeat(PAYLOAD));
        for (SessionQueue queue : queues) {
            queue.add(publish);
        }
    }

    @Benchmark
    public void queue() {
        turns.acquireUninterruptibly();
        publish();
        store.whenSafe(listener);
    }

    @Benchmark
    public void safe() {
        publish();
        TestSessions.awaitSafe(store);
    }
}
