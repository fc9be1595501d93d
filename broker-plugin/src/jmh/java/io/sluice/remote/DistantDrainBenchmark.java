package io.sluice.remote;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
 * A backlog drained over a link whose answers take a while: the throughput should hardly depend on it, and where the link
 * is slow be more than it carries. The link is a proxy that holds each byte back for half of that time, in either direction.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 10)
@Measurement(iterations = 3, time = 10)
public class DistantDrainBenchmark {

    private static final int PAYLOAD_BYTES = 1024;

    /** Milliseconds there and back. */
    @Param({"0", "100"})
    public int roundTrip;

    /** What the link carries, in Mbit/s. */
    @Param({"1000", "100"})
    public int megabits;

    private Path folder = Path.of(".");
    private SharedBuffer buffer;
    private DrainServer server;
    private Link link;
    private int count;

    @Setup
    public void write() throws IOException {
        folder = Files.createTempDirectory("sluice-bench");
        buffer = SharedBuffer.open(new BufferConfig(
                Optional.of(folder), 1L << 40, Overflow.BLOCK, 64 << 20, Duration.ZERO, Duration.ZERO));
        buffer.attach(TestMessages.spec("keeper"));
        // about four seconds of the link
        count = megabits * 500 / 100 * 100;
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            TestMessages.appendAll(
                    buffer, List.of(TestMessages.message("device-" + i % 1000, "line/" + i % 500, json(random))));
        }
        server = DrainServer.start(buffer, Served.ON_LOOPBACK);
        link = new Link(server.endpoint(), roundTrip / 2, megabits);
    }

    /** Readings of a device, which differ in their numbers. */
    private static byte[] json(Random random) {
        StringBuilder text = new StringBuilder("{\"readings\":[");
        while (text.length() < PAYLOAD_BYTES - 60) {
            text.append("{\"sensor\":\"temperature-")
                    .append(random.nextInt(40))
                    .append("\",\"value\":")
                    .append(random.nextInt(100_000) / 100.0)
                    .append("},");
        }
        return text.append("{}]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    @TearDown
    public void close() throws IOException {
        link.close();
        server.close();
        buffer.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Benchmark
    public int drain() throws InterruptedException {
        int read = 0;
        try (RemoteAttachment remote =
                RemoteAttachment.attach(link.endpoint(), BufferCredentials.NONE, TestMessages.spec("remote"))) {
            remote.seek(LanePositions.all(-1));
            while (read < count) {
                read += remote.read(2_000, 4 << 20, Duration.ofSeconds(1)).messages().size();
            }
        }
        return read;
    }

    /** A link with a delay and a bandwidth. */
    private static final class Link implements AutoCloseable {

        @SuppressWarnings("ArrayRecordComponent") // never compared
        private record Chunk(byte[] bytes, long dueNs) {}

        private final BufferEndpoint broker;
        private final long delayNs;
        private final long bytesPerSecond;
        private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());

        Link(BufferEndpoint broker, int delayMs, int megabits) throws IOException {
            this.broker = broker;
            this.bytesPerSecond = megabits * 125_000L;
            this.delayNs = TimeUnit.MILLISECONDS.toNanos(delayMs);
            start(this::accept);
        }

        BufferEndpoint endpoint() {
            return new BufferEndpoint(false, "127.0.0.1", listener.getLocalPort());
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    Socket worker = listener.accept();
                    Socket towards = new Socket(broker.host(), broker.port());
                    worker.setTcpNoDelay(true);
                    towards.setTcpNoDelay(true);
                    for (List<Socket> way : List.of(List.of(worker, towards), List.of(towards, worker))) {
                        BlockingQueue<Chunk> onTheWay = new ArrayBlockingQueue<>(1_000_000);
                        start(() -> send(way.get(0), onTheWay));
                        start(() -> arrive(onTheWay, way.get(1)));
                    }
                } catch (IOException e) {
                    // closed
                }
            }
        }

        private void send(Socket from, BlockingQueue<Chunk> onTheWay) {
            long free = System.nanoTime();
            try (from) {
                InputStream in = from.getInputStream();
                byte[] bytes = new byte[1 << 16];
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    free = Math.max(free, System.nanoTime()) + read * 1_000_000_000L / bytesPerSecond;
                    onTheWay.add(new Chunk(Arrays.copyOf(bytes, read), free + delayNs));
                    LockSupport.parkNanos(free - System.nanoTime());
                }
            } catch (IOException e) {
                // closed
            }
            onTheWay.add(new Chunk(new byte[0], 0));
        }

        private static void arrive(BlockingQueue<Chunk> onTheWay, Socket to) {
            try (to) {
                OutputStream out = to.getOutputStream();
                for (Chunk next = onTheWay.take(); next.bytes().length > 0; next = onTheWay.take()) {
                    for (long left = next.dueNs() - System.nanoTime(); left > 0; left = next.dueNs() - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    out.write(next.bytes());
                }
            } catch (IOException | InterruptedException e) {
                // closed
            }
        }

        private static void start(Runnable action) {
            Thread thread = new Thread(action, "link");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
