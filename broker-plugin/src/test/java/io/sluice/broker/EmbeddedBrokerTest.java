package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedBrokerTest {

    @Test
    void users_that_name_the_same_broker_share_its_port_and_its_buffer() {
        BrokerConfig config = TestBroker.config();
        try (EmbeddedBroker one = EmbeddedBroker.acquire(config);
                EmbeddedBroker other = EmbeddedBroker.acquire(config)) {
            assertThat(other.listeners()).isEqualTo(one.listeners());
            assertThat(other.buffer()).isSameAs(one.buffer());
        }
    }

    @Test
    void who_brings_a_broker_up_attaches_before_a_device_can_connect(@TempDir Path dir) throws Exception {
        int port = freePort();
        BrokerConfig config = new TestBroker.Wanted()
                .buffer(TestBroker.disk(dir))
                .listeners("tcp://127.0.0.1:" + port)
                .config();
        AtomicBoolean attached = new AtomicBoolean();

        try (EmbeddedBroker broker = EmbeddedBroker.acquire(config, buffer -> {
                    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
                            .isInstanceOf(ConnectException.class);
                    attached.set(true);
                });
                Socket device = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(attached).isTrue();
            assertThat(device.isConnected()).isTrue();
            AtomicReference<SharedBuffer> second = new AtomicReference<>();
            try (EmbeddedBroker other = EmbeddedBroker.acquire(config, second::set)) {
                assertThat(second).hasValue(other.buffer()).hasValue(broker.buffer());
            }
        }
    }

    @Test
    void whoever_cannot_attach_brings_no_broker_up(@TempDir Path dir) throws Exception {
        int port = freePort();
        BrokerConfig config = new TestBroker.Wanted()
                .buffer(TestBroker.disk(dir))
                .listeners("tcp://127.0.0.1:" + port)
                .config();

        assertThatThrownBy(() -> EmbeddedBroker.acquire(config, buffer -> {
                    throw new IllegalStateException("cannot attach");
                }))
                .hasMessage("cannot attach");

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
                .isInstanceOf(ConnectException.class);
        try (EmbeddedBroker afterwards = EmbeddedBroker.acquire(config)) {
            assertThat(afterwards.listeners()).hasSize(1);
        }
    }

    @Test
    void nothing_is_kept_of_brokers_that_have_closed_or_could_not_start(@TempDir Path dir) throws Exception {
        BrokerConfig lingers =
                new TestBroker.Wanted().linger(Duration.ofMillis(200)).config();
        BrokerConfig closes = TestBroker.config();
        Path noFolder = Files.createFile(dir.resolve("file"));
        BrokerConfig fails =
                new TestBroker.Wanted().buffer(TestBroker.disk(noFolder)).config();
        EmbeddedBroker.acquire(lingers).close();
        EmbeddedBroker.acquire(closes).close();
        assertThatThrownBy(() -> EmbeddedBroker.acquire(fails)).isInstanceOf(BufferException.class);

        assertThat(EmbeddedBroker.names()).doesNotContain(closes.name(), fails.name());
        Awaitility.await()
                .untilAsserted(() -> assertThat(EmbeddedBroker.names()).doesNotContain(lingers.name()));
        try (EmbeddedBroker again = EmbeddedBroker.acquire(lingers)) {
            assertThat(again.listeners()).isNotEmpty();
        }
    }

    @Test
    void a_broker_that_hangs_as_it_closes_keeps_no_other_open_beyond_its_linger_time() {
        BrokerConfig hangs =
                new TestBroker.Wanted().linger(Duration.ofMillis(1)).config();
        BrokerConfig closes =
                new TestBroker.Wanted().linger(Duration.ofMillis(1)).config();
        CompletableFuture<Boolean> hanging = new CompletableFuture<>();
        CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
        EmbeddedBroker broker = EmbeddedBroker.acquire(hangs);
        broker.buffer().whenFree(() -> {
            hanging.complete(true);
            goesOn.join();
        });
        try {
            hanging.join();
            broker.close();
            EmbeddedBroker.acquire(closes).close();

            Awaitility.await()
                    .untilAsserted(() -> assertThat(EmbeddedBroker.names()).doesNotContain(closes.name()));
            assertThat(EmbeddedBroker.names()).contains(hangs.name());
        } finally {
            goesOn.complete(true);
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(EmbeddedBroker.names()).doesNotContain(hangs.name()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void brokers_of_different_names_do_not_disturb_each_other() throws Exception {
        try (TestBroker one = TestBroker.start();
                TestBroker.Reader oneReader = one.attach("#")) {
            try (TestBroker other = TestBroker.start();
                    TestBroker.Reader otherReader = other.attach("#");
                    RawClient client = RawClient.connected(other.port(), MqttVersion.MQTT_5, "c")) {
                client.send(RawClient.publish("t", 1, 1, "other"));
                assertThat(otherReader.read(1)).hasSize(1);
            }
            try (RawClient client = RawClient.connected(one.port(), MqttVersion.MQTT_5, "c")) {
                client.send(RawClient.publish("t", 1, 1, "one"));
                assertThat(client.read(5_000)).isNotNull();
                assertThat(oneReader.read(1)).hasSize(1);
            }
        }
    }

    @Test
    void another_configuration_under_the_same_name_is_refused_while_the_broker_is_used() {
        TestBroker.Wanted wanted = new TestBroker.Wanted();
        BrokerConfig config = wanted.config();
        BrokerConfig other =
                wanted.buffer(TestBroker.memory(1 << 20, Overflow.BLOCK)).config();
        try (EmbeddedBroker one = EmbeddedBroker.acquire(config)) {
            assertThat(one.listeners()).isNotEmpty();
            assertThatThrownBy(() -> EmbeddedBroker.acquire(other))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining(config.name())
                    .hasMessageContaining("already runs with another configuration");
        }
        try (EmbeddedBroker replaced = EmbeddedBroker.acquire(other)) {
            assertThat(replaced.listeners()).isNotEmpty();
        }
    }

    @Test
    void a_broker_lingers_after_its_last_user_and_then_closes() throws Exception {
        BrokerConfig config =
                new TestBroker.Wanted().linger(Duration.ofMillis(1_500)).config();
        EmbeddedBroker first = EmbeddedBroker.acquire(config);
        int port = first.listeners().get(0).port();
        try (RawClient device = RawClient.connected(port, MqttVersion.MQTT_5, "stays")) {
            first.close();
            first.close();
            try (EmbeddedBroker second = EmbeddedBroker.acquire(config)) {
                assertThat(second.listeners().get(0).port()).isEqualTo(port);
                assertThat(device.isClosedWithin(2_000)).isFalse();
            }
            Awaitility.await().until(() -> device.isClosedWithin(100));
        }
        Awaitility.await().ignoreExceptions().until(() -> {
            try (Socket refused = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return !refused.isConnected();
            } catch (java.net.ConnectException e) {
                return true;
            }
        });
    }

    @Test
    void a_broker_to_which_nobody_has_connected_closes_as_quickly_as_any_other() {
        List<Duration> closings = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            EmbeddedBroker broker = EmbeddedBroker.acquire(TestBroker.config());
            long begun = System.nanoTime();
            broker.close();
            closings.add(Duration.ofNanos(System.nanoTime() - begun));
        }
        assertThat(closings).as("on a machine that may be busy").anyMatch(one -> one.toMillis() < 1_500);
    }

    @Test
    void a_port_in_use_is_said_in_one_sentence_and_leaves_nothing_behind(@TempDir Path dir) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestBroker.Wanted wanted = new TestBroker.Wanted().buffer(TestBroker.disk(dir));
            BrokerConfig config = wanted.config();
            BrokerConfig onTakenPort =
                    wanted.listeners("tcp://127.0.0.1:" + taken.getLocalPort()).config();
            assertThatThrownBy(() -> EmbeddedBroker.acquire(onTakenPort))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("tcp://127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("Address already in use");
            try (EmbeddedBroker afterwards = EmbeddedBroker.acquire(config)) {
                assertThat(afterwards.listeners()).hasSize(2);
            }
        }
    }

    @Test
    void a_folder_that_another_broker_uses_is_refused(@TempDir Path dir) {
        BrokerConfig config =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).config();
        BrokerConfig other =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).config();
        try (EmbeddedBroker one = EmbeddedBroker.acquire(config)) {
            assertThat(one.listeners()).isNotEmpty();
            assertThatThrownBy(() -> EmbeddedBroker.acquire(other))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(dir.toString());
        }
    }

    @Test
    void a_password_file_that_is_missing_or_broken_is_refused(@TempDir Path dir) throws Exception {
        Path missing = dir.resolve("missing");
        assertThatThrownBy(() -> new TestBroker.Wanted().passwordFile(missing).start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("password file " + missing);
        Path broken = Files.writeString(dir.resolve("broken"), "# fine\nann:secret\n");
        assertThatThrownBy(() -> new TestBroker.Wanted().passwordFile(broken).start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("Line 2 of the password file " + broken)
                .hasMessageNotContaining("secret");
    }

    @Test
    void an_acl_file_that_is_missing_or_broken_is_refused(@TempDir Path dir) throws Exception {
        Path missing = dir.resolve("missing");
        assertThatThrownBy(() -> new TestBroker.Wanted().aclFile(missing).start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("ACL file " + missing);
        Path broken = Files.writeString(dir.resolve("broken"), "allow everything\n");
        assertThatThrownBy(() -> new TestBroker.Wanted().aclFile(broken).start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("ACL file " + broken);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1883",
                "tcp://",
                "tcp://host",
                "tcp://host:x",
                "udp://host:1",
                "tcp://host:70000",
                "tcp://h:1/p"
            })
    void a_text_that_is_no_listener_is_refused_in_one_sentence(String text) {
        assertThatThrownBy(() -> Listener.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a listener");
    }
}
