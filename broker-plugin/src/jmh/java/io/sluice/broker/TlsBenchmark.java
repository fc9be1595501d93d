package io.sluice.broker;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
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
 * What TLS costs. Plain MQTT and MQTT over TLS take turns with the same broker: {@value #TURN} messages of {@value
 * #PAYLOAD} bytes at QoS 1 over {@value #DEVICES} connections, and {@value #CONNECTS} connects, each with a whole handshake
 * of TLS 1.3 with a key of P-256. What the devices spend on it counts too. Beside that, what a handshake and the decryption
 * of a message cost the broker alone, with the JDK's TLS and with netty-tcnative, where the library that gRPC brings can be
 * loaded. Ratios are printed at the end.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4)
@Measurement(iterations = 7)
public class TlsBenchmark {

    private static final int DEVICES = 8;
    private static final int TURN = 80_000;
    private static final int PAYLOAD = 256;
    private static final int CHUNK = 50;
    private static final int CONNECTS = 400;
    private static final int HANDSHAKES = 200;
    private static final int RECORDS = 20_000;

    /** As keytool takes them by default. */
    private static final int USUAL_ROUNDS = 10_000;

    private static final String OWN = "JDK, Sluice's keys";
    private static final String FROM_FILE = "JDK, keys of PKCS #12";

    private final ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
    private final Map<String, List<Double>> nanosEach = new LinkedHashMap<>();
    private final Map<Transport, List<Device>> devices = new LinkedHashMap<>();
    private final Map<String, SslContext> providers = new LinkedHashMap<>();
    private Optional<TestBroker> broker = Optional.empty();
    private Optional<Attachment> consumer = Optional.empty();
    private Optional<SSLContext> trusting = Optional.empty();
    private int names;

    @Setup
    public void start() throws Exception {
        Path dir = Files.createTempDirectory("sluice-bench");
        TestKeys keys = new TestKeys(dir);
        keys.make("broker");
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, keys.trusting("broker").getTrustManagers(), null);
        trusting = Optional.of(context);
        TestBroker started = new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:0", "ssl://127.0.0.1:0")
                .tls(new TlsConfig(keys.store("broker"), Optional.empty(), Optional.empty(), ClientAuth.NONE))
                .buffer(TestBroker.disk(dir.resolve("buffer")))
                .start();
        broker = Optional.of(started);
        Attachment attached = started.broker()
                .buffer()
                .attach(new AttachRequest("bench", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL));
        attached.seek(attached.acknowledged());
        consumer = Optional.of(attached);
        for (Transport transport : List.of(Transport.TCP, Transport.SSL)) {
            List<Device> all = new ArrayList<>();
            for (int i = 0; i < DEVICES; i++) {
                all.add(new Device(connect(transport)));
            }
            devices.put(transport, all);
        }
        providers.put("JDK", provider(SslContextBuilder.forServer(keys.showing("broker")), SslProvider.JDK));
        TlsConfig.Store usual = TestKeys.store(keys.protect("broker", USUAL_ROUNDS));
        providers.put(OWN, provider(SslContextBuilder.forServer(FollowedStore.keys(usual, Optional.empty())), SslProvider.JDK));
        char[] password = usual.password().value().toCharArray();
        KeyManagerFactory fromFile = KeyManagerFactory.getInstance("NewSunX509");
        fromFile.init(KeyStore.getInstance(usual.file().toFile(), password), password);
        providers.put(FROM_FILE, provider(SslContextBuilder.forServer(fromFile), SslProvider.JDK));
        if (OpenSsl.isAvailable()) {
            providers.put(
                    "tcnative", provider(SslContextBuilder.forServer(keys.showing("broker")), SslProvider.OPENSSL));
        }
    }

    private static SslContext provider(SslContextBuilder builder, SslProvider provider) throws Exception {
        return builder.sslProvider(provider).protocols("TLSv1.3").build();
    }

    private Socket connect(Transport transport) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), broker.orElseThrow().port(transport));
        socket.setTcpNoDelay(true);
        String name = "device-" + ++names;
        if (transport == Transport.SSL) {
            // Under a separate name, so that no session is resumed.
            SSLSocket encrypted = (SSLSocket)
                    trusting.orElseThrow().getSocketFactory().createSocket(socket, name, names, true);
            encrypted.startHandshake();
            socket = encrypted;
        }
        socket.getOutputStream()
                .write(Mqtt.V3_1_1.connectHead(Mqtt.CLEAN, 0).text(name).packet(0x10));
        new DataInputStream(socket.getInputStream()).readFully(new byte[4]);
        return socket;
    }

    @Benchmark
    public void turnOfEach() throws Exception {
        for (Transport transport : devices.keySet()) {
            long begun = System.nanoTime();
            for (Future<Void> done : threads.invokeAll(devices.get(transport))) {
                done.get();
            }
            note("message, " + transport, begun, TURN);
            Attachment reader = consumer.orElseThrow();
            reader.acknowledge(LanePositions.all(
                    broker.orElseThrow().broker().buffer().stats().end() - 1));
        }
        for (Transport transport : devices.keySet()) {
            long begun = System.nanoTime();
            for (int i = 0; i < CONNECTS; i++) {
                connect(transport).close();
            }
            note("connect, " + transport, begun, CONNECTS);
        }
        for (Map.Entry<String, SslContext> provider : providers.entrySet()) {
            long spent = 0;
            for (int i = 0; i < HANDSHAKES; i++) {
                Pair pair = new Pair(provider.getValue(), trusting.orElseThrow(), "engine-" + ++names);
                spent += pair.shakeHands();
                pair.close();
            }
            note("handshake of the broker, " + provider.getKey(), System.nanoTime() - spent, HANDSHAKES);
            Pair pair = new Pair(provider.getValue(), trusting.orElseThrow(), "engine-" + ++names);
            pair.shakeHands();
            note("decryption of the broker, " + provider.getKey(), System.nanoTime() - pair.decrypt(), RECORDS);
            pair.close();
        }
    }

    private void note(String what, long begun, int count) {
        nanosEach
                .computeIfAbsent(what, first -> new ArrayList<>())
                .add((double) (System.nanoTime() - begun) / count);
    }

    @TearDown
    public void report() throws IOException {
        System.out.println();
        for (Map.Entry<String, List<Double>> row : nanosEach.entrySet()) {
            List<Double> measured =
                    new ArrayList<>(row.getValue().subList(row.getValue().size() / 3, row.getValue().size()));
            Collections.sort(measured);
            double median = measured.get(measured.size() / 2);
            System.out.printf("%-36s %,12.1f us%n", row.getKey(), median / 1_000);
        }
        ratio("a message over TLS, beside plain", "message, ssl", "message, tcp");
        ratio("a connect over TLS, beside plain", "connect, ssl", "connect, tcp");
        ratio("a handshake with tcnative, beside the JDK", "handshake of the broker, tcnative", "handshake of the broker, JDK");
        ratio(
                "a handshake with Sluice's keys, beside the JDK's with the same PKCS #12 file",
                "handshake of the broker, " + OWN,
                "handshake of the broker, " + FROM_FILE);
        ratio("decryption with tcnative, beside the JDK", "decryption of the broker, tcnative", "decryption of the broker, JDK");
        for (List<Device> all : devices.values()) {
            for (Device device : all) {
                device.socket.close();
            }
        }
        threads.shutdown();
        consumer.ifPresent(Attachment::close);
        broker.ifPresent(TestBroker::close);
    }

    private void ratio(String what, String one, String other) {
        if (nanosEach.containsKey(one) && nanosEach.containsKey(other)) {
            System.out.printf("%-42s %.2f%n", what, median(one) / median(other));
        }
    }

    private double median(String what) {
        List<Double> all = nanosEach.get(what);
        List<Double> measured = new ArrayList<>(all.subList(all.size() / 3, all.size()));
        Collections.sort(measured);
        return measured.get(measured.size() / 2);
    }

    /** Publishes its part of a turn, a few messages at a time. */
    private static final class Device implements Callable<Void> {

        private static final int WINDOW = 4;

        private final Socket socket;
        private final DataInputStream in;
        private final byte[] chunk;

        Device(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            Bytes all = new Bytes();
            for (int id = 1; id <= CHUNK; id++) {
                all.raw(Mqtt.V3_1_1.publish("bench/t", 1, id, "x".repeat(PAYLOAD)));
            }
            this.chunk = all.array();
        }

        @Override
        public Void call() throws IOException {
            byte[] answers = new byte[CHUNK * 4];
            int chunks = TURN / DEVICES / CHUNK;
            for (int sent = 0, answered = 0; answered < chunks; answered++) {
                while (sent < chunks && sent - answered < WINDOW) {
                    socket.getOutputStream().write(chunk);
                    sent++;
                }
                in.readFully(answers);
            }
            return null;
        }
    }

    /** The two ends of a connection without a network, and what the broker's end has cost. */
    private static final class Pair {

        private final SSLEngine serving;
        private final SSLEngine asking;
        private final ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
        private final ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
        private final ByteBuffer plain = ByteBuffer.allocate(1 << 16);

        Pair(SslContext context, SSLContext client, String name) {
            serving = context.newEngine(ByteBufAllocator.DEFAULT);
            asking = client.createSSLEngine(name, 1);
            asking.setUseClientMode(true);
            asking.setEnabledProtocols(new String[] {"TLSv1.3"});
        }

        /** Shakes hands; nanoseconds that the broker's end took. */
        long shakeHands() throws SSLException {
            asking.beginHandshake();
            long spent = 0;
            while (isShaking(serving) || isShaking(asking)) {
                step(asking, toClient, toServer);
                long begun = System.nanoTime();
                step(serving, toServer, toClient);
                spent += System.nanoTime() - begun;
            }
            return spent;
        }

        private static boolean isShaking(SSLEngine engine) {
            return engine.getSession().getCipherSuite().equals("SSL_NULL_WITH_NULL_NULL")
                    || engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
        }

        private void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
            in.flip();
            boolean progress = true;
            while (progress) {
                int before = in.remaining() - out.position();
                HandshakeStatus status = engine.getHandshakeStatus();
                if (status == HandshakeStatus.NEED_TASK) {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                    continue;
                }
                if (status == HandshakeStatus.NEED_WRAP) {
                    engine.wrap(ByteBuffer.allocate(0), out);
                } else {
                    plain.clear();
                    engine.unwrap(in, plain);
                }
                progress = in.remaining() - out.position() != before
                        || engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK
                        || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
            }
            in.compact();
        }

        /** Decrypts messages; nanoseconds that it took. */
        long decrypt() throws SSLException {
            ByteBuffer message = ByteBuffer.allocate(PAYLOAD);
            long spent = 0;
            for (int i = 0; i < RECORDS; i++) {
                message.clear();
                toServer.clear();
                asking.wrap(message, toServer);
                toServer.flip();
                plain.clear();
                long begun = System.nanoTime();
                serving.unwrap(toServer, plain);
                spent += System.nanoTime() - begun;
                if (plain.position() != PAYLOAD) {
                    throw new IllegalStateException("only " + plain.position() + " bytes came");
                }
            }
            return spent;
        }

        void close() {
            ReferenceCountUtil.release(serving);
        }
    }
}
