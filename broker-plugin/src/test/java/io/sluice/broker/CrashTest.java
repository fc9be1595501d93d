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

class CrashTest {

    private static final int CLIENTS = 8;
    private static final int WINDOW = 20;

    @Test
    void nothing_acknowledged_is_lost_when_the_broker_is_killed(@TempDir Path dir) throws Exception {
        stopRepeatedly(dir, 2, BrokerProcess::kill);
    }

    @Test
    @Tag("soak")
    void nothing_acknowledged_is_lost_when_the_broker_is_killed_many_times(@TempDir Path dir) throws Exception {
        stopRepeatedly(dir, 50, BrokerProcess::kill);
    }

    @Test
    @Tag("nightly")
    void a_broker_that_is_asked_to_end_does_so_in_five_seconds_and_loses_nothing(@TempDir Path dir) throws Exception {
        stopRepeatedly(
                dir, 1, broker -> assertThat(broker.end()).as("SIGTERM to end").isLessThan(Duration.ofSeconds(5)));
    }

    private interface Stop {
        void stop(BrokerProcess broker) throws InterruptedException;
    }

    private static void stopRepeatedly(Path dir, int rounds, Stop stop) throws Exception {
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
                int before = devices.stream()
                        .mapToInt(device -> device.acknowledged.get())
                        .sum();
                int enough = before + ThreadLocalRandom.current().nextInt(500, 5_000);
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> devices.stream()
                                        .mapToInt(device -> device.acknowledged.get())
                                        .sum()
                                >= enough);
                stop.stop(broker);
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
        Map<String, Integer> highest = readAll(dir);
        for (Device device : devices) {
            assertThat(highest.get(device.name)).as(device.name).isGreaterThanOrEqualTo(device.acknowledged.get() - 1);
        }
    }

    /** The highest number of each client, after checking that none before it is missing or came late. */
    private static Map<String, Integer> readAll(Path dir) throws InterruptedException {
        Map<String, Integer> highest = new HashMap<>();
        AttachRequest spec =
                new AttachRequest(BrokerProcess.CONSUMER, List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL);
        try (SharedBuffer buffer = SharedBuffer.open(TestBroker.disk(dir));
                Attachment consumer = buffer.attach(spec)) {
            consumer.seek(LanePositions.all(consumer.start() - 1));
            ReadBatch batch = consumer.read(10_000, 16 << 20, Duration.ZERO);
            while (!batch.messages().isEmpty()) {
                assertThat(batch.gaps()).isEmpty();
                for (StoredMessage stored : batch.messages()) {
                    int number = Wire.number(stored.message());
                    String client = stored.message().clientId();
                    // A number may come again behind a reconnect; a new one is always the next.
                    assertThat(number).as(client).isLessThanOrEqualTo(highest.getOrDefault(client, -1) + 1);
                    highest.merge(client, number, Math::max);
                }
                batch = consumer.read(10_000, 16 << 20, Duration.ZERO);
            }
        }
        return highest;
    }

    /** Publishes numbers with QoS 1 over a persistent session, and sends again what was not acknowledged. */
    private static final class Device {
        private final String name;
        private final int port;
        private final AtomicInteger acknowledged = new AtomicInteger();
        private volatile boolean stopping;

        private Device(String name, int port) {
            this.name = name;
            this.port = port;
        }

        private void run() {
            int sent = 0;
            while (!stopping || acknowledged.get() < sent) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.setTcpNoDelay(true);
                    OutputStream out = socket.getOutputStream();
                    DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                    out.write(Wire.connect(name, false));
                    in.readFully(new byte[Wire.ANSWER_BYTES]);
                    if (sent > acknowledged.get()) {
                        out.write(Wire.publishes("t", 1, acknowledged.get(), sent - acknowledged.get(), true));
                    }
                    while (!stopping || acknowledged.get() < sent) {
                        int room = stopping ? 0 : WINDOW - (sent - acknowledged.get());
                        if (room > 0) {
                            sent += room;
                            out.write(Wire.publishes("t", 1, sent - room, room, false));
                        }
                        in.readFully(new byte[Wire.ANSWER_BYTES]);
                        acknowledged.incrementAndGet();
                    }
                } catch (IOException e) {
                    // Killed: connect again, in a moment.
                    LockSupport.parkNanos(5_000_000);
                }
            }
        }
    }
}
