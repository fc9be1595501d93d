package io.sluice.broker;

import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What capture costs: Moquette alone, Moquette with capture to a synced buffer, and capture with {@code broker.fanout}
 * off take turns under the same load, so that whatever else the machine does falls on all of them. A turn is
 * {@value #TURN} messages of {@value #PAYLOAD} bytes at QoS 1 over {@value #DEVICES} connections, until all are
 * acknowledged. Ratios are printed at the end. Nobody subscribes, and what is in the buffer is not read: {@code
 * ReadBenchmark} measures that.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4)
@Measurement(iterations = 7)
public class CaptureBenchmark {

    private static final int DEVICES = 16;
    private static final int TURN = 200_000;
    private static final int PAYLOAD = 256;
    private static final int WINDOW = 200;

    private final List<Contender> contenders = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
    private Path folder = Path.of(".");

    @Setup
    public void start() throws IOException {
        folder = Files.createTempDirectory("sluice-bench");
        contenders.add(Contender.capturing("capture", folder.resolve("with"), new TestBroker.Wanted()));
        contenders.add(Contender.capturing(
                "capture, broker.fanout=false", folder.resolve("without"), new TestBroker.Wanted().withoutFanout()));
        contenders.add(Contender.moquette());
    }

    @TearDown
    public void report() throws IOException {
        double alone = contenders.get(contenders.size() - 1).messagesPerSecond();
        StringBuilder report = new StringBuilder("\n");
        for (Contender contender : contenders) {
            double rate = contender.messagesPerSecond();
            report.append(String.format("%-32s %,9.0f messages/s, %.2f of Moquette alone%n", contender.name, rate, rate / alone));
        }
        System.out.println(report);
        for (Contender contender : contenders) {
            contender.close();
        }
        threads.shutdown();
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
    public void turnOfEach() throws Exception {
        for (Contender contender : contenders) {
            contender.takeTurn(threads);
        }
    }

    /** A broker, its devices, and how long its turns took. */
    private static final class Contender {

        private final String name;
        private final List<Device> devices = new ArrayList<>();
        private final List<Long> turnsNs = new ArrayList<>();
        private final Runnable betweenTurns;
        private final Runnable stop;

        private Contender(String name, int port, Runnable betweenTurns, Runnable stop) throws IOException {
            this.name = name;
            this.betweenTurns = betweenTurns;
            this.stop = stop;
            for (int i = 0; i < DEVICES; i++) {
                devices.add(new Device(port, "device-" + i));
            }
        }

        static Contender capturing(String name, Path dir, TestBroker.Wanted wanted) throws IOException {
            TestBroker broker = wanted.buffer(TestBroker.disk(dir)).start();
            Attachment consumer = broker.broker()
                    .buffer()
                    .attach(new AttachRequest("bench", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
            consumer.seek(consumer.acknowledged());
            return new Contender(
                    name,
                    broker.port(),
                    () -> consumer.acknowledge(
                            LanePositions.all(broker.broker().buffer().stats().end() - 1)),
                    () -> {
                        consumer.close();
                        broker.close();
                    });
        }

        static Contender moquette() throws IOException {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Server server = new Server();
            Properties settings = new Properties();
            settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
            settings.setProperty(IConfig.PORT_PROPERTY_NAME, Integer.toString(port));
            settings.setProperty(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, BrokerConstants.DISABLED_PORT_BIND);
            settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
            settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
            // With its default of 1,024 it would drop what is published.
            settings.setProperty(IConfig.SESSION_QUEUE_SIZE, "65536");
            server.startServer(new MemoryConfig(settings));
            return new Contender("Moquette alone", port, () -> {}, server::stopServer);
        }

        void takeTurn(ExecutorService threads) throws Exception {
            long begun = System.nanoTime();
            for (Future<Void> done : threads.invokeAll(devices)) {
                done.get();
            }
            turnsNs.add(System.nanoTime() - begun);
            betweenTurns.run();
        }

        /** By the median of the turns that were measured. */
        double messagesPerSecond() {
            List<Long> measured = new ArrayList<>(turnsNs.subList(turnsNs.size() / 3, turnsNs.size()));
            Collections.sort(measured);
            return TURN * 1e9 / measured.get(measured.size() / 2);
        }

        void close() throws IOException {
            for (Device device : devices) {
                device.close();
            }
            stop.run();
        }
    }

    /** Publishes its part of a turn, with at most a window of messages unacknowledged. */
    private static final class Device implements Callable<Void> {

        private static final int CHUNK = WINDOW / 4;
        private static final int MAX_PACKET_ID = 60_000;
        private static final int KEEP_ALIVE_AT = 11;

        private final Socket socket;
        private final DataInputStream in;
        private final byte[] topic;
        private int lastPacketId;

        Device(int port, String name) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            topic = ("bench/" + name).getBytes(StandardCharsets.UTF_8);
            byte[] connect = Wire.connect(name, true);
            // No keep-alive: it is silent while others have their turns.
            connect[KEEP_ALIVE_AT] = 0;
            socket.getOutputStream().write(connect);
            in.readFully(new byte[Wire.ANSWER_BYTES]);
        }

        @Override
        public Void call() throws IOException {
            OutputStream out = socket.getOutputStream();
            byte[] answers = new byte[CHUNK * Wire.ANSWER_BYTES];
            int messages = TURN / DEVICES;
            int sent = 0;
            for (int done = 0; done < messages; done += CHUNK) {
                while (sent < messages && sent - done < WINDOW) {
                    out.write(publishes());
                    sent += CHUNK;
                }
                in.readFully(answers);
            }
            return null;
        }

        private byte[] publishes() {
            int remaining = 2 + topic.length + 2 + PAYLOAD;
            ByteBuffer packets = ByteBuffer.allocate(CHUNK * (3 + remaining));
            for (int i = 0; i < CHUNK; i++) {
                lastPacketId = lastPacketId % MAX_PACKET_ID + 1;
                packets.put((byte) 0x32).put((byte) ((remaining & 0x7F) | 0x80)).put((byte) (remaining >>> 7));
                packets.putShort((short) topic.length).put(topic);
                packets.putShort((short) lastPacketId).put(new byte[PAYLOAD]);
            }
            return packets.array();
        }

        void close() throws IOException {
            socket.close();
        }
    }
}
