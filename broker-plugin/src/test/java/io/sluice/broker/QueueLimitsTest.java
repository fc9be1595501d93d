package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.record.StoredMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueLimitsTest {

    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_BYTES_PER_CONNECTION = 128 << 10;
    /** What 512 bytes of small packets count for. */
    private static final int ONE_READ = 4 << 10;

    private static final int WITHOUT_END = 1_000_000;

    private static TestBroker.Wanted withFullBuffer() {
        return new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:0")
                .queueLimits(new QueueLimits(MAX_BYTES, MAX_BYTES_PER_CONNECTION))
                .buffer(TestBroker.memory(400_000, Overflow.BLOCK));
    }

    @Test
    void what_many_connections_have_waiting_stays_within_the_bound_and_none_of_it_is_lost() throws Exception {
        int connections = 100;
        int messages = 600;
        int bound = MAX_BYTES + connections * ONE_READ;
        ExecutorService devices = Executors.newFixedThreadPool(connections);
        try (TestBroker broker = withFullBuffer().start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<CompletableFuture<Void>> publishing = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                String name = "device-" + i;
                publishing.add(CompletableFuture.runAsync(() -> flood(broker.port(), name, messages), devices));
            }
            await().until(() -> broker.broker().stats().door().queuedBytes() > MAX_BYTES / 2);
            await().during(Duration.ofMillis(500))
                    .until(() -> broker.broker().stats().door().queuedBytes(), held -> held <= bound);

            Map<String, Integer> next = new HashMap<>();
            for (int read = 0; read < connections * messages; ) {
                List<StoredMessage> batch = reader.read(500);
                for (StoredMessage stored : batch) {
                    String client = stored.message().clientId();
                    assertThat(Wire.number(stored.message())).as(client).isEqualTo(next.getOrDefault(client, 0));
                    next.merge(client, 1, Integer::sum);
                }
                read += batch.size();
                assertThat(batch).as("after %d messages", read).isNotEmpty();
                assertThat(broker.broker().stats().door().queuedBytes()).isLessThanOrEqualTo(bound);
            }
            for (CompletableFuture<Void> device : publishing) {
                device.get(10, TimeUnit.SECONDS);
            }
            await().until(() -> broker.broker().stats().door().queuedBytes() == 0);
        } finally {
            devices.shutdownNow();
        }
    }

    @Test
    void a_connection_holds_no_more_than_its_own_bound_and_gives_it_back_when_there_is_room() throws Exception {
        ExecutorService device = Executors.newSingleThreadExecutor();
        try (TestBroker broker = withFullBuffer().start()) {
            broker.attach("#").close();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
                CompletableFuture<Void> flood =
                        CompletableFuture.runAsync(() -> flood(socket, "greedy", WITHOUT_END), device);
                await().until(() -> broker.broker().stats().door().queuedBytes() > MAX_BYTES_PER_CONNECTION);
                await().during(Duration.ofMillis(500))
                        .until(
                                () -> broker.broker().stats().door().queuedBytes(),
                                held -> held < 2 * MAX_BYTES_PER_CONNECTION);
                assertThat(flood).isNotDone();
            }
            // Nobody reads from it, so nobody hears that it is gone before there is room.
            try (TestBroker.Reader reader = broker.attach("#")) {
                await().until(() -> {
                    reader.next(5_000, Duration.ofMillis(10));
                    return broker.broker().stats().door().queuedBytes() == 0;
                });
            }
        } finally {
            device.shutdownNow();
        }
    }

    /** What has been processed must not be kept because part of the next packet stands behind it. */
    @Test
    void a_client_that_is_always_amid_a_packet_takes_no_more_memory_the_longer_it_publishes() throws Exception {
        byte[] publish = Mqtt.V3_1_1.publish("t", 0, 0, "x".repeat(20_000));
        byte[] begin = Arrays.copyOf(publish, publish.length / 2);
        byte[] endAndBegin = new Bytes()
                .raw(Arrays.copyOfRange(publish, publish.length / 2, publish.length))
                .raw(begin)
                .array();
        try (TestBroker broker = TestBroker.start();
                Peer device = Peer.connected(broker.port(), Mqtt.V3_1_1, "device")) {
            long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            device.send(begin);
            for (int i = 0; i < 3_000; i++) {
                device.send(endAndBegin);
            }
            device.send(Arrays.copyOfRange(publish, publish.length / 2, publish.length), Mqtt.pingreq(), begin);
            assertThat(device.next().type()).isEqualTo(Mqtt.PINGRESP);
            assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()).isLessThan(before + (1 << 20));
        }
    }

    @Test
    void a_client_that_comes_again_and_again_while_the_buffer_is_full_is_refused_until_it_takes_messages()
            throws Exception {
        try (TestBroker broker = withFullBuffer().start();
                Peer filler = Peer.connected(broker.port(), Mqtt.V5, "filler")) {
            broker.attach("#").close();
            filler.send(Bytes.repeated(Mqtt.V5.publish("t", 0, 0, "x".repeat(10_000)), 50));
            await().until(() -> broker.broker().stats().buffer().full());
            for (int i = 0; i < 2; i++) {
                try (Peer device = Peer.connected(broker.port(), Mqtt.V5, "device")) {
                    device.send(Mqtt.V5.publish("t", 1, 1, "x"), Mqtt.pingreq());
                    assertThat(device.next().type()).isEqualTo(Mqtt.PINGRESP);
                }
                await().until(() -> broker.broker().stats().door().connectedClients() == 1);
            }
            await().untilAsserted(() -> assertThatThrownBy(() ->
                            Peer.connected(broker.port(), Mqtt.V5, "device").close())
                    .hasMessage("refused with " + 0x89));
            Peer.connected(broker.port(), Mqtt.V5, "other").close();

            try (TestBroker.Reader reader = broker.attach("#")) {
                await().until(() -> {
                    reader.next(5_000, Duration.ofMillis(10));
                    return broker.broker().stats().door().queuedBytes() == 0;
                });
                await().ignoreExceptionsInstanceOf(IOException.class)
                        .untilAsserted(() ->
                                Peer.connected(broker.port(), Mqtt.V5, "device").close());
            }
        }
    }

    @Test
    void those_who_publish_without_end_do_not_keep_others_out() throws Exception {
        int greedy = 20;
        ExecutorService devices = Executors.newFixedThreadPool(greedy);
        List<Socket> sockets = new ArrayList<>();
        try (TestBroker broker = withFullBuffer().start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < greedy; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port());
                sockets.add(socket);
                String name = "greedy-" + i;
                CompletableFuture<Void> endless =
                        CompletableFuture.runAsync(() -> flood(socket, name, WITHOUT_END), devices);
                assertThat(endless).isNotDone();
            }
            await().until(() -> broker.broker().stats().door().queuedBytes() > MAX_BYTES / 2);
            try (RawClient modest = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "modest")) {
                for (int id = 1; id <= 20; id++) {
                    modest.send(RawClient.publish("t", 1, id, "x"));
                    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
                    MqttMessage puback = null;
                    while (puback == null && System.nanoTime() < deadline) {
                        reader.next(500, Duration.ofMillis(100));
                        puback = modest.read(5);
                    }
                    assertThat(puback).as("PUBACK %d", id).isNotNull();
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            devices.shutdownNow();
        }
    }

    @Test
    void a_client_that_is_not_read_is_not_taken_for_silent_and_its_ping_is_answered_when_it_is_read() throws Exception {
        try (TestBroker broker = withFullBuffer().start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            client.send(MqttMessageBuilders.connect()
                    .protocolVersion(MqttVersion.MQTT_3_1_1)
                    .clientId("waits")
                    .keepAlive(1)
                    .build());
            assertThat(client.read(5_000)).isNotNull();
            byte[] publishes = Wire.publishes("t", 0, 0, 15_000, false);
            client.sendBytes(publishes, publishes.length);
            client.sendBytes(Wire.PINGREQ, Wire.PINGREQ.length);
            await().until(() -> broker.broker().stats().door().queuedBytes() > MAX_BYTES_PER_CONNECTION);

            assertThat(client.isClosedWithin(4_000)).isFalse();

            assertThat(reader.read(15_000)).hasSize(15_000);
            assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PINGRESP);
            assertThat(client.isClosedWithin(5_000)).as("now it is silent").isTrue();
        }
    }

    /** Publishes numbers with QoS 0 as fast as it can, and then waits until the broker has read them. */
    private static void flood(int port, String name, int messages) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            flood(socket, name, messages);
            socket.getOutputStream().write(Wire.PINGREQ);
            socket.getInputStream().readNBytes(Wire.PINGREQ.length);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static void flood(Socket socket, String name, int messages) {
        try {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(Wire.connect(name, true));
            in.readNBytes(Wire.ANSWER_BYTES);
            for (int sent = 0; sent < messages; sent += 100) {
                out.write(Wire.publishes("t", 0, sent, 100, false));
            }
        } catch (SocketException e) {
            // Closed by the test, or by the broker's end.
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
