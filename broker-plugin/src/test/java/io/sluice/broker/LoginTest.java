package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.netty.buffer.PooledByteBufAllocator;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins whose passwords take long to check. */
class LoginTest {

    @TempDir
    private static Path dir;

    private static Path passwords;

    @BeforeAll
    static void makePasswords() throws Exception {
        String slow = BCrypt.withDefaults().hashToString(11, "secret".toCharArray());
        String quick = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
        passwords = Files.writeString(dir.resolve("passwords"), "slow:" + slow + "\nquick:" + quick + "\n");
    }

    private static TestBroker start() {
        return new TestBroker.Wanted().passwordFile(passwords).start();
    }

    private static byte[] connect(String id, String user, String password) {
        return Mqtt.V3_1_1
                .connectHead(0xC2, 60)
                .text(id)
                .text(user)
                .text(password)
                .packet(0x10);
    }

    private static byte[] publish(String topic, int packetId, String payload) {
        return new Bytes()
                .text(topic)
                .u16(packetId)
                .raw(payload.getBytes(UTF_8))
                .packet(0x32);
    }

    @Test
    void nobody_who_is_in_waits_for_those_who_log_in() throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#");
                Peer device = Peer.at(broker.port()).connect(connect("device", "quick", "secret"))) {
            List<Peer> slow = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Peer peer = Peer.at(broker.port());
                peer.send(connect("slow-" + i, "slow", "guessed"));
                slow.add(peer);
            }
            for (int i = 1; i <= 20; i++) {
                device.send(publish("t", i, "m"));
                assertThat(device.next(Mqtt.PUBACK).packetId()).isEqualTo(i);
            }
            assertThat(slow.get(slow.size() - 1).next(Duration.ofMillis(1)))
                    .as("the last is not decided yet")
                    .isEmpty();
            for (Peer peer : slow) {
                assertThat(peer.next(Mqtt.CONNACK).body()[1]).isEqualTo((byte) 4);
                peer.close();
            }
            assertThat(reader.read(20)).hasSize(20);
        }
    }

    @Test
    void what_is_sent_behind_connect_waits_for_the_answer_and_is_then_taken_in_order() throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#");
                Peer eager = Peer.at(broker.port());
                Peer stranger = Peer.at(broker.port())) {
            stranger.send(connect("stranger", "slow", "guessed"), publish("t", 1, "no"));
            eager.send(
                    connect("eager", "slow", "secret"),
                    publish("t", 1, "one"),
                    publish("t", 2, "two"),
                    publish("t", 3, "three"));

            assertThat(eager.next(Mqtt.CONNACK).body()[1]).isZero();
            assertThat(IntStream.range(0, 3).map(i -> next(eager)).toArray()).containsExactly(1, 2, 3);
            assertThat(stranger.next(Mqtt.CONNACK).body()[1]).isEqualTo((byte) 4);
            assertThat(reader.read(3))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("one", "two", "three");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_large_packet_behind_connect_is_taken_whole_after_the_answer_and_a_stranger_hears_the_refusal()
            throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#");
                Peer known = Peer.at(broker.port());
                Peer stranger = Peer.at(broker.port())) {
            byte[] large = publish("t", 1, "x".repeat(900_000));
            known.send(connect("known", "slow", "secret"));
            CompletableFuture<Boolean> sent = CompletableFuture.supplyAsync(() -> known.trySend(large));
            assertThat(known.next(Mqtt.CONNACK).body()[1]).isZero();
            assertThat(sent.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(known.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            assertThat(reader.read(1)).hasSize(1);

            stranger.send(connect("stranger", "slow", "guessed"));
            CompletableFuture<Boolean> dropped = CompletableFuture.supplyAsync(() -> stranger.trySend(large));
            assertThat(stranger.next(Mqtt.CONNACK).body()[1]).isEqualTo((byte) 4);
            assertThat(dropped.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(stranger.isClosedWithin(Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void of_the_large_packets_of_those_who_are_not_let_in_yet_little_is_read() throws Exception {
        int strangers = 8;
        byte[] large = publish("t", 1, "x".repeat(900_000));
        try (TestBroker broker = start()) {
            long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < strangers; i++) {
                Peer peer = Peer.at(broker.port());
                peer.send(connect("stranger-" + i, "slow", "guessed"));
                Thread sender = new Thread(() -> peer.trySend(large));
                sender.setDaemon(true);
                sender.start();
                peers.add(peer);
            }
            long most = 0;
            // Of one that is refused, the broker reads and drops the rest.
            for (long held = before; broker.broker().stats().door().refusedClients() == 0; ) {
                most = Math.max(most, held);
                held = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
            }
            assertThat(most - before).isLessThan(strangers * (128L << 10));
            peers.forEach(Peer::close);
        }
    }

    private static int next(Peer peer) {
        try {
            return peer.next(Mqtt.PUBACK).packetId();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_connection_whose_password_took_longer_does_not_take_over_one_that_came_later() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .passwordFile(passwords)
                        .anonymousToo()
                        .start();
                TestBroker.Reader reader = broker.attach("#");
                Peer first = Peer.at(broker.port());
                Peer second = Peer.at(broker.port())) {
            first.send(connect("device", "slow", "secret"));
            await().pollInterval(Duration.ofMillis(1)).until(LoginTest::isHashing);
            second.connect(Mqtt.V3_1_1.connect("device"));

            assertThat(first.next(Mqtt.CONNACK).body()[1]).isNotZero();
            second.send(publish("t", 1, "m"));
            assertThat(second.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    private static boolean isHashing() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("sluice-login"))
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .anyMatch(frame -> frame.getClassName().startsWith("at.favre.lib"));
    }

    @Test
    void a_client_that_leaves_before_the_answer_leaves_nothing_behind() throws Exception {
        try (TestBroker broker = start()) {
            for (int i = 0; i < 3; i++) {
                try (Peer hasty = Peer.at(broker.port())) {
                    hasty.send(connect("hasty", "slow", "secret"), publish("t", 1, "m"));
                }
            }
            MqttClient paho = new MqttClient("tcp://127.0.0.1:" + broker.port(), "hasty", new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setUserName("slow");
            options.setPassword("secret".toCharArray());
            paho.connect(options);
            assertThat(broker.broker().stats().door().connectedClients()).isEqualTo(1);
            assertThat(broker.broker().stats().door().queuedBytes()).isZero();
            paho.disconnect();
            paho.close();
        }
    }
}
