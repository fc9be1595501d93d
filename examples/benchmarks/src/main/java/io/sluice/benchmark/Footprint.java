package io.sluice.benchmark;

import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.JvmProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** What memory a worker needs: for connections, and while a backlog builds up and drains. Not thread-safe. */
record Footprint(Stage stage, Report report) {

    private static final int CONNECTIONS = 10_000;
    private static final int SMALL_HEAP_MB = 512;
    private static final int LARGE_PAYLOAD = 16_384;
    private static final long BACKLOG_BYTES = 5L << 30;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration QUIET = Duration.ofSeconds(30);

    /** What is done while connections are idle. */
    interface Meanwhile {
        void run() throws IOException, InterruptedException;
    }

    /** Ten thousand connections beside a load. */
    void idleConnections(JvmProcess worker, Contender contender, int run, Meanwhile load)
            throws IOException, InterruptedException {
        long before = worker.liveHeapBytes();
        IdleConnections connections = IdleConnections.open(CONNECTIONS, contender.port(), run);
        try (connections) {
            long with = worker.liveHeapBytes();
            double perConnection = (with - before) / (double) CONNECTIONS / 1024;
            report.target(Target.atMost(
                    String.format(Locale.ROOT, "Heap of each of %,d idle connections, KiB", CONNECTIONS),
                    perConnection,
                    30));
            load.run();
        }
    }

    /** Five gibibytes in the buffer of a worker with a heap of 512 MiB. */
    void backlog(int run) throws IOException, InterruptedException {
        ConnectWorker worker = stage.worker("small-worker", SMALL_HEAP_MB, Map.of());
        Contender contender = stage.sluice(
                worker,
                "Sluice, 512 MiB of heap",
                Map.of("buffer.max.bytes", Long.toString(4 * BACKLOG_BYTES), "buffer.retention.ms", "0"));
        String connector = contender.topic().orElseThrow();
        Load ordinary = new Load(1, LARGE_PAYLOAD, 16, 100, 40_000, 0);
        long flowing;
        Tally warm = new Tally(run, ordinary.connections());
        try (KafkaTail tail = new KafkaTail(stage.kafka().bootstrapServers(), connector, warm)) {
            flowing = mostHeap(worker, tail, LoadGenerator.publish(ordinary, contender.port(), run));
        }
        long before = worker.process().liveHeapBytes();

        worker.rest().pause(connector);
        worker.rest().awaitPaused(connector, PATIENCE);
        Load load = new Load(1, LARGE_PAYLOAD, 16, 100, (int) (BACKLOG_BYTES / LARGE_PAYLOAD), 0);
        Published published = LoadGenerator.publish(load, contender.port(), run + 1);
        long full = worker.process().liveHeapBytes();
        long draining;
        Tally tally = new Tally(run + 1, load.connections());
        try (KafkaTail tail = new KafkaTail(stage.kafka().bootstrapServers(), connector, tally)) {
            worker.rest().resume(connector);
            draining = mostHeap(worker, tail, published);
        }
        report.fact(
                "Memory",
                String.format(
                        Locale.ROOT,
                        "A worker with -Xmx%dm: live heap %.1f MiB at rest, %.1f MiB at most while messages went through,"
                                + " %.1f MiB with a backlog of %.1f GiB, %.1f MiB at most while it drained. %,d"
                                + " published, %,d arrived, %,d twice, %,d out of order.",
                        SMALL_HEAP_MB,
                        mib(before),
                        mib(flowing),
                        mib(full),
                        published.acknowledged() * (double) LARGE_PAYLOAD / (1 << 30),
                        mib(draining),
                        published.acknowledged(),
                        tally.arrived(),
                        tally.twice(),
                        tally.outOfOrder()));
        report.target(Target.atMost("Live heap with a backlog of 5 GiB to without", full / (double) before, 1.1));
        report.target(Target.atMost(
                "Live heap at most while it drains to while messages go through", draining / (double) flowing, 1.1));
        worker.close();
    }

    /** The most live heap that a worker has until a tail has all that was acknowledged. */
    private static long mostHeap(ConnectWorker worker, KafkaTail tail, Published published)
            throws IOException, InterruptedException {
        long most = worker.process().liveHeapBytes();
        while (tail.isReading(published.acknowledged(), QUIET, Duration.ofMillis(500))) {
            most = Math.max(most, worker.process().liveHeapBytes());
        }
        return most;
    }

    private static double mib(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
