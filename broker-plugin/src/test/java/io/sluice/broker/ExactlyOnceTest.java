package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.TopicFilter;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QoS 2 devices on persistent sessions, and a broker that is killed under them. */
class ExactlyOnceTest {

    private static final int CLIENTS = 8;
    private static final int WINDOW = 20;

    @Test
    void each_message_is_in_the_buffer_once_and_in_order_when_the_broker_is_killed(@TempDir Path dir) throws Exception {
        killRepeatedly(dir, 2);
    }

    @Test
    @Tag("soak")
    void each_message_is_in_the_buffer_once_and_in_order_when_the_broker_is_killed_many_times(@TempDir Path dir)
            throws Exception {
        killRepeatedly(dir, 50);
    }

    private static void killRepeatedly(Path dir, int rounds) throws Exception {
        List<Device> devices = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        List<CompletableFuture<Void>> running = new ArrayList<>();
        BrokerProcess broker = BrokerProcess.start(dir, 0);
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Device device = new Device("device-" + i, broker.port());
                devices.add(device);
                running.add(CompletableFuture.runAsync(device::run, threads));
            }
            for (int round = 0; round < rounds; round++) {
                int enough = completed(devices) + ThreadLocalRandom.current().nextInt(200, 4_000);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> completed(devices) >= enough);
                broker.kill();
                broker = BrokerProcess.start(dir, broker.port());
            }
            devices.forEach(device -> device.stopping = true);
            for (CompletableFuture<Void> device : running) {
                device.get(30, TimeUnit.SECONDS);
            }
        } finally {
            devices.forEach(device -> device.stopping = true);
            threads.shutdownNow();
            broker.kill();
        }
        Map<String, Integer> counts = readAll(dir);
        for (Device device : devices) {
            assertThat(counts.get(device.name)).as(device.name).isEqualTo(device.completed.get());
            assertThat(device.connects.get())
                    .as("connections of " + device.name)
                    .isGreaterThan(1);
            assertThat(device.sessionsPresent.get())
                    .as("sessions present of " + device.name)
                    .isEqualTo(device.connects.get() - 1);
        }
    }

    private static int completed(List<Device> devices) {
        return devices.stream().mapToInt(device -> device.completed.get()).sum();
    }

    /** How many messages of each client there are, after checking that each is the next one. */
    private static Map<String, Integer> readAll(Path dir) throws InterruptedException {
        Map<String, Integer> counts = new HashMap<>();
        AttachRequest spec =
                new AttachRequest(BrokerProcess.CONSUMER, List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL);
        try (SharedBuffer buffer = SharedBuffer.open(TestBroker.disk(dir));
                Attachment consumer = buffer.attach(spec)) {
            assertThat(buffer.unreleased()).as("ids in use at the end").isEmpty();
            consumer.seek(LanePositions.all(consumer.start() - 1));
            ReadBatch batch = consumer.read(10_000, 16 << 20, Duration.ZERO);
            while (!batch.messages().isEmpty()) {
                assertThat(batch.gaps()).isEmpty();
                for (StoredMessage stored : batch.messages()) {
                    String client = stored.message().clientId();
                    assertThat(Wire.number(stored.message())).as(client).isEqualTo(counts.getOrDefault(client, 0));
                    counts.merge(client, 1, Integer::sum);
                }
                batch = consumer.read(10_000, 16 << 20, Duration.ZERO);
            }
        }
        return counts;
    }

    /**
     * Publishes numbers with QoS 2 over a persistent session. When it is back it follows the specification
     * ([MQTT-4.4.0-1]): what has no PUBREC is published again, what has one is released again, in order.
     */
    private static final class Device {
        private final String name;
        private final int port;
        /** Numbers that are not completed, and whether PUBREC has come for them. */
        private final TreeMap<Integer, Boolean> inFlight = new TreeMap<>();

        private int sent;
        private final AtomicInteger completed = new AtomicInteger();
        private final AtomicInteger connects = new AtomicInteger();
        private final AtomicInteger sessionsPresent = new AtomicInteger();
        private volatile boolean stopping;

        private Device(String name, int port) {
            this.name = name;
            this.port = port;
        }

        private void run() {
            while (!stopping || !inFlight.isEmpty()) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.setTcpNoDelay(true);
                    OutputStream out = socket.getOutputStream();
                    DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                    out.write(Wire.connect(name, false));
                    countSession(answer(in));
                    for (Map.Entry<Integer, Boolean> one : inFlight.entrySet()) {
                        out.write(
                                one.getValue()
                                        ? Wire.pubrel(Wire.packetId(one.getKey()))
                                        : Wire.publishes("t", 2, one.getKey(), 1, true));
                    }
                    while (!stopping || !inFlight.isEmpty()) {
                        publishMore(out);
                        take(answer(in), out);
                    }
                } catch (IOException e) {
                    // Killed: connect again, in a moment.
                    LockSupport.parkNanos(5_000_000);
                }
            }
        }

        private void countSession(byte[] connack) {
            connects.incrementAndGet();
            if (Wire.isSessionPresent(connack)) {
                sessionsPresent.incrementAndGet();
            }
        }

        private void publishMore(OutputStream out) throws IOException {
            int room = stopping ? 0 : WINDOW - inFlight.size();
            if (room > 0) {
                for (int number = sent; number < sent + room; number++) {
                    inFlight.put(number, false);
                }
                sent += room;
                out.write(Wire.publishes("t", 2, sent - room, room, false));
            }
        }

        private void take(byte[] answer, OutputStream out) throws IOException {
            int number = inFlight.keySet().stream()
                    .filter(one -> Wire.packetId(one) == Wire.packetId(answer))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("an answer to what " + name + " has not sent"));
            if (Wire.isPubrec(answer)) {
                inFlight.put(number, true);
                out.write(Wire.pubrelFor(answer));
            } else {
                inFlight.remove(number);
                completed.incrementAndGet();
            }
        }

        private static byte[] answer(DataInputStream in) throws IOException {
            byte[] answer = new byte[Wire.ANSWER_BYTES];
            in.readFully(answer);
            return answer;
        }
    }
}
