package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What devices leave on the broker's disk: it starts again whatever that is, after SIGTERM as after SIGKILL. */
@Tag("soak")
@Timeout(90)
class StoredStateTest {

    /** More than there are session loops. */
    private static final int OTHERS = 4;

    @TempDir
    private Path dir;

    private static Bytes allProperties() {
        return Bytes.of(1, 1)
                .u8(2)
                .u32(100_000)
                .u8(3)
                .text("text/plain")
                .u8(8)
                .text("answers")
                .u8(9)
                .text("corr")
                .u8(0x26)
                .text("a")
                .text("1")
                .u8(0x26)
                .text("")
                .text("");
    }

    private static void end(Standalone broker, boolean kill) throws InterruptedException {
        if (kill) {
            broker.kill();
        } else {
            broker.stop();
        }
    }

    private static void publish(Standalone broker, byte[]... atQos1) throws IOException {
        try (Peer peer = Peer.connected(broker.port(), Mqtt.V5, "publisher")) {
            for (byte[] publish : atQos1) {
                peer.send(publish);
                peer.next(Mqtt.PUBACK);
            }
            peer.send(Mqtt.disconnect());
        }
    }

    private static void subscribeAndLeave(Standalone broker, Mqtt version, String clientId, String filter)
            throws IOException {
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(version.connectPersistent(clientId));
            peer.send(version.subscribe(1, 1, filter));
            peer.next(Mqtt.SUBACK);
            peer.send(Mqtt.disconnect());
            peer.isClosedWithin(Duration.ofSeconds(5));
        }
    }

    private static void assertServesOthers(Standalone broker) throws IOException {
        for (int i = 0; i < OTHERS; i++) {
            try (Peer peer = Peer.connected(broker.port(), Mqtt.V3_1_1, "other-" + i)) {
                peer.send(Mqtt.V3_1_1.publish("t/" + i, 1, 1, "x"));
                assertThat(peer.next().type()).isEqualTo(Mqtt.PUBACK);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_retained_message_with_every_property_is_there_again_with_all_of_them(boolean kill) throws Exception {
        try (Standalone broker = Standalone.start(dir)) {
            publish(broker, Mqtt.V5.publish("kept", 3, 1, allProperties(), "m".getBytes(StandardCharsets.UTF_8)));
            end(broker, kill);
        }
        try (Standalone broker = Standalone.start(dir);
                Peer peer = Peer.connected(broker.port(), Mqtt.V5, "x")) {
            peer.send(Mqtt.V5.subscribe(1, 1, "kept"));
            assertCarriesAll(peer.next(Mqtt.PUBLISH));
            assertServesOthers(broker);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_queued_message_with_every_property_is_there_again_with_all_of_them(boolean kill) throws Exception {
        try (Standalone broker = Standalone.start(dir)) {
            subscribeAndLeave(broker, Mqtt.V5, "away", "t");
            subscribeAndLeave(broker, Mqtt.V5, "away", "t");
            publish(broker, Mqtt.V5.publish("t", 2, 1, allProperties(), "m".getBytes(StandardCharsets.UTF_8)));
            end(broker, kill);
        }
        try (Standalone broker = Standalone.start(dir);
                Peer peer = Peer.at(broker.port())) {
            peer.send(Mqtt.V5.connectPersistent("away"));
            assertThat(peer.next(Mqtt.CONNACK).body()[0]).as("session present").isEqualTo((byte) 1);
            assertCarriesAll(peer.next(Mqtt.PUBLISH));
            assertServesOthers(broker);
        }
    }

    private static void assertCarriesAll(Peer.Received publish) {
        assertThat(new String(publish.body(), StandardCharsets.ISO_8859_1))
                .contains("text/plain", "answers", "corr", "&\0\1a\0\0011", "&\0\0\0\0")
                .endsWith("m");
    }

    /** Names that a store could take for its own. */
    @Test
    void client_ids_of_any_form_break_no_store_and_nobody_elses_session() throws Exception {
        List<String> ids = List.of(
                "x",
                "x_meta",
                "queue_x",
                "queue_x_meta",
                "subscriptions",
                "sessions",
                "sessions_data",
                "retained",
                "retained_data",
                "../x",
                "a/b",
                "+",
                "#",
                "$SYS",
                " ",
                ".",
                "x\\y",
                "x'; --",
                "\uFFFD\uD83D\uDE00",
                "%s%n",
                "${jndi:ldap://127.0.0.1/x}");
        try (Standalone broker = Standalone.start(dir)) {
            for (String id : ids) {
                subscribeAndLeave(broker, Mqtt.V3_1_1, id, "t");
            }
            publish(broker, Mqtt.V5.publish("t", 1, 1, "m"));
            assertServesOthers(broker);
            broker.stop();
        }
        try (Standalone broker = Standalone.start(dir)) {
            for (String id : ids) {
                try (Peer peer = Peer.at(broker.port())) {
                    peer.send(Mqtt.V3_1_1.connectPersistent(id));
                    assertThat(peer.next(Mqtt.CONNACK).body()).as(id).isEqualTo(new byte[] {1, 0});
                    assertThat(new String(peer.next(Mqtt.PUBLISH).body(), StandardCharsets.UTF_8))
                            .as(id)
                            .endsWith("m");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sessions_with_client_ids_as_long_as_they_may_be_are_refused_before_they_end_the_broker(boolean kill)
            throws Exception {
        String longId = "x".repeat(60_000);
        try (Standalone broker = Standalone.start(dir)) {
            boolean refused = false;
            for (int i = 0; i < 5_000; i++) {
                try (Peer peer = Peer.at(broker.port())) {
                    peer.send(Mqtt.V5.connectPersistent(i + "-" + longId));
                    refused |= peer.next(Mqtt.CONNACK).body()[1] == (byte) 0x97;
                    peer.trySend(Mqtt.disconnect());
                }
            }
            assertThat(refused).as("some were refused").isTrue();
            assertServesOthers(broker);
            end(broker, kill);
        }
        try (Standalone broker = Standalone.start(dir);
                Peer peer = Peer.at(broker.port())) {
            peer.send(Mqtt.V5.connectPersistent("0-" + longId));
            assertThat(peer.next(Mqtt.CONNACK).body()).as("session present").startsWith(1, 0);
            assertServesOthers(broker);
        }
    }

    @Test
    void a_broker_that_is_killed_while_sessions_come_and_go_starts_again_with_those_it_confirmed() throws Exception {
        for (int round = 0; round < 3; round++) {
            try (Standalone broker = Standalone.start(dir)) {
                for (int i = 0; i < 20; i++) {
                    String id = "client-" + round + "-" + i;
                    try (Peer peer = Peer.at(broker.port())) {
                        peer.connect(Mqtt.V5.connectPersistent(id));
                        peer.send(Mqtt.V5.subscribe(1, 1, "t/" + id));
                        peer.next(Mqtt.SUBACK);
                    }
                }
                // Others are not yet answered when the end comes.
                for (int i = 0; i < 50; i++) {
                    Peer peer = Peer.at(broker.port());
                    peer.trySend(Mqtt.V5.connectPersistent("late-" + i), Mqtt.V5.subscribe(1, 1, "late"));
                }
                broker.kill();
            }
        }
        try (Standalone broker = Standalone.start(dir)) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 20; i++) {
                    String id = "client-" + round + "-" + i;
                    publish(broker, Mqtt.V5.publish("t/" + id, 1, 1, id));
                    try (Peer peer = Peer.at(broker.port())) {
                        peer.send(Mqtt.V5.connectPersistent(id));
                        assertThat(peer.next(Mqtt.CONNACK).body()[0]).as(id).isEqualTo((byte) 1);
                        assertThat(peer.next(Mqtt.PUBLISH).body()).isNotEmpty();
                    }
                }
            }
        }
    }

    @Test
    void a_store_of_sessions_that_cannot_be_read_is_set_aside_and_the_broker_starts() throws Exception {
        try (Standalone broker = Standalone.start(dir)) {
            subscribeAndLeave(broker, Mqtt.V3_1_1, "x", "t");
            publish(broker, Mqtt.V5.publishRetained("kept", 1, 1, "m"));
            broker.stop();
        }
        // Whatever is neither the log of messages nor what tells of its consumers.
        try (Stream<Path> files = Files.walk(dir.resolve("data"))) {
            List<Path> stores = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("session")
                            || file.toString().contains("moquette")
                            || file.toString().contains("mqtt")
                            || file.toString().contains("memory"))
                    .toList();
            assertThat(stores).as("files of the MQTT sessions").isNotEmpty();
            for (Path store : stores) {
                byte[] bytes = Files.readAllBytes(store);
                for (int i = 0; i < bytes.length; i += 7) {
                    bytes[i] ^= 0x55;
                }
                Files.write(store, bytes);
            }
        }
        try (Standalone broker = Standalone.start(dir)) {
            assertServesOthers(broker);
            assertThat(broker.log()).anyMatch(line -> line.contains("set aside") || line.contains("unreadable"));
        }
    }
}
