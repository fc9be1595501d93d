package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V3_1;
import static io.sluice.broker.raw.Mqtt.V3_1_1;
import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.MessageKind;
import java.io.EOFException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT asks of a server towards those who connect and publish, clause by clause, with packets as bytes. */
@Timeout(60)
class SpecificationTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final Duration NOTHING = Duration.ofMillis(300);

    private static final int PROTOCOL_ERROR = 0x82;
    private static final int UNSUPPORTED_VERSION = 0x84;
    private static final int SERVER_SHUTTING_DOWN = 0x8B;
    private static final int BAD_AUTHENTICATION_METHOD = 0x8C;
    private static final int SESSION_TAKEN_OVER = 0x8E;
    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    private static List<String> payloads(List<StoredMessage> messages) {
        return messages.stream()
                .map(stored -> TestBroker.text(stored.message()))
                .toList();
    }

    /** The reason of the DISCONNECT that comes next, other packets skipped. */
    private static int disconnectReason(Peer peer) throws Exception {
        byte[] body = peer.next(Mqtt.DISCONNECTED).body();
        return body.length == 0 ? 0 : body[0] & 0xFF;
    }

    /** [MQTT-3.1.2-2]. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 7, 100})
    void a_protocol_level_that_the_broker_does_not_know_is_refused_with_a_code(int level) throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(new Bytes().text("MQTT").u8(level, 2).u16(60).text("x").packet(0x10));
            byte[] connack = peer.next(Mqtt.CONNACK).body();
            assertThat(connack[1] & 0xFF).isIn(1, UNSUPPORTED_VERSION);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    /** MQTT 3.1 asked for 23 characters at most; devices never cared, and no server that is in use does. */
    @ParameterizedTest
    @ValueSource(ints = {24, 100, 5_000})
    void an_mqtt_3_1_client_id_may_be_long(int length) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V3_1, "x".repeat(length))) {
            peer.send(V3_1.publish("t", 1, 1, "m"));
            assertThat(peer.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            assertThat(reader.read(1).get(0).message().clientId()).hasSize(length);
        }
    }

    @Test
    void an_mqtt_3_1_client_without_an_id_is_refused_with_a_code() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(V3_1.connect(""));
            assertThat(peer.next(Mqtt.CONNACK).body()[1]).isEqualTo((byte) 2);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    /** What bridges of Mosquitto set so that the other end knows them. */
    @ParameterizedTest
    @CsvSource({"MQIsdp, 0x83", "MQTT, 0x84"})
    void the_bridge_bit_in_the_protocol_level_is_accepted(String protocol, int level) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.at(broker.port())) {
            peer.connect(new Bytes()
                    .text(protocol)
                    .u8(level, 2)
                    .u16(60)
                    .text("bridge")
                    .packet(0x10));
            peer.send(V3_1_1.publish("t", 1, 1, "m"));
            assertThat(peer.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    @Test
    void a_bridges_retained_will_on_its_state_topic_does_not_keep_it_out() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.connect(V3_1_1.connectHead(Mqtt.CLEAN | 0x2C, 60)
                    .text("bridge")
                    .text("$SYS/broker/connection/bridge/state")
                    .text("0")
                    .packet(0x10));
            peer.send(V3_1_1.publishRetained("$SYS/broker/connection/bridge/state", 1, 1, "1"));
            assertThat(peer.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
        }
    }

    /** MQTT 5, section 3.1.2.11.3 and 3.1.2.11.4: a Protocol Error, which CONNACK tells before the end. */
    @ParameterizedTest
    @ValueSource(strings = {"210000", "2700000000", "1902", "1702"})
    void properties_of_connect_that_break_a_rule_are_answered_with_a_reason(String hex) throws Exception {
        Bytes properties = new Bytes().raw(HexFormat.of().parseHex(hex));
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(V5.connect("x", Mqtt.CLEAN, properties));
            assertThat(peer.next(Mqtt.CONNACK).body()[1] & 0xFF).isIn(PROTOCOL_ERROR, 0x81);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    /** MQTT 5, section 4.12. */
    @Test
    void an_authentication_method_is_refused_with_its_reason() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(V5.connect("x", Mqtt.CLEAN, Bytes.of(0x15).text("SCRAM-SHA-1")));
            assertThat(peer.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(BAD_AUTHENTICATION_METHOD);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    /** [MQTT-3.8.3-2], [MQTT-3.10.3-2]. */
    @Test
    void a_subscribe_or_unsubscribe_without_a_filter_is_a_protocol_error() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            for (byte[] packet : List.of(V5.subscribe(1, 0), V5.unsubscribe(1))) {
                try (Peer peer = Peer.connected(broker.port(), V5, "x")) {
                    peer.send(packet);
                    assertThat(disconnectReason(peer)).isIn(PROTOCOL_ERROR, 0x81);
                    assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
                }
            }
        }
    }

    /** [MQTT-3.11.3-1]. */
    @Test
    void unsuback_has_one_code_for_each_filter_in_their_order() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(V5.subscribe(1, 0, "a", "b/#"));
            peer.next(Mqtt.SUBACK);
            peer.send(V5.unsubscribe(2, "a", "never", "b/#"));
            byte[] unsuback = peer.next(Mqtt.UNSUBACK).body();
            assertThat(unsuback).isEqualTo(new byte[] {0, 2, 0, 0, NO_SUBSCRIPTION_EXISTED, 0});
        }
    }

    /** [MQTT-3.1.4-3]. */
    @Test
    void a_client_that_is_taken_over_is_told_so() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer first = Peer.connected(broker.port(), V5, "x");
                Peer second = Peer.connected(broker.port(), V5, "x")) {
            assertThat(disconnectReason(first)).isEqualTo(SESSION_TAKEN_OVER);
            assertThat(first.isClosedWithin(AT_ONCE)).isTrue();
            second.send(Mqtt.pingreq());
            assertThat(second.next(Mqtt.PINGRESP).body()).isEmpty();
        }
    }

    @Test
    void a_client_of_mqtt_3_1_1_that_is_taken_over_is_closed_and_sent_nothing() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer first = Peer.connected(broker.port(), V3_1_1, "x");
                Peer second = Peer.connected(broker.port(), V5, "x")) {
            assertThatThrownBy(() -> first.next(AT_ONCE)).isInstanceOf(EOFException.class);
            second.send(Mqtt.pingreq());
            assertThat(second.next(Mqtt.PINGRESP).body()).isEmpty();
        }
    }

    @Test
    void a_broker_that_ends_tells_its_clients() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer five = Peer.connected(broker.port(), V5, "five");
                Peer three = Peer.connected(broker.port(), V3_1_1, "three")) {
            broker.broker().close();
            assertThat(disconnectReason(five)).isEqualTo(SERVER_SHUTTING_DOWN);
            assertThat(five.isClosedWithin(AT_ONCE)).isTrue();
            assertThat(three.isClosedWithin(AT_ONCE)).isTrue();
        }
    }

    /** [MQTT-3.3.2-14]. */
    @ParameterizedTest
    @ValueSource(strings = {"a/#", "+", "a/+/b"})
    void a_response_topic_with_a_wildcard_is_refused(String topic) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(V5.publish("t", 2, 1, Bytes.of(8).text(topic), new byte[1]));
            assertThat(disconnectReason(peer)).isIn(PROTOCOL_ERROR, 0x81, 0x90);
            assertThat(reader.next(1, NOTHING)).isEmpty();
        }
    }

    /** MQTT 5, section 3.14.4: the client has closed, whatever it still sends. */
    @ParameterizedTest
    @EnumSource(Mqtt.class)
    void what_is_sent_before_disconnect_counts_and_what_is_sent_behind_it_does_not(Mqtt version) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int qos = 0; qos < 3; qos++) {
                Peer peer = Peer.at(broker.port());
                peer.send(new Bytes()
                        .raw(version.connect("x"))
                        .raw(version.publish("t", qos, 1, "before"))
                        .raw(Mqtt.disconnect())
                        .raw(version.publish("t", qos, 2, "behind"))
                        .array());
                assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
                assertThat(payloads(reader.read(1))).containsExactly("before");
            }
            assertThat(reader.next(1, NOTHING)).isEmpty();
        }
    }

    /** Sensors that sleep do just that. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_published_at_qos_0_right_before_the_end_is_captured(boolean saysGoodbye) throws Exception {
        int devices = 300;
        List<Mqtt> versions = List.of(Mqtt.values());
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < devices; i++) {
                Mqtt version = versions.get(i % versions.size());
                try (Peer peer = Peer.at(broker.port())) {
                    Bytes all = new Bytes()
                            .raw(version.connect("sensor-" + i))
                            .raw(version.publish("t", 0, 0, Integer.toString(i)));
                    peer.send((saysGoodbye ? all.raw(Mqtt.disconnect()) : all).array());
                }
            }
            assertThat(payloads(reader.read(devices)))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, devices)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    /** [MQTT-4.3.3-2]: the identifier tells a repeat, and DUP says that it is one. */
    @Test
    void a_qos_2_publish_sent_again_with_another_payload_is_the_same_message() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
            peer.send(V3_1_1.publish("t", 2, 7, "at 12:00"));
            assertThat(peer.next(Mqtt.PUBREC).packetId()).isEqualTo(7);
            peer.send(V3_1_1.publish("t", 0x0C, 7, new Bytes(), "at 12:01".getBytes(UTF_8)));
            assertThat(peer.next(Mqtt.PUBREC).packetId()).isEqualTo(7);
            peer.send(Mqtt.pubrel(7));
            assertThat(peer.next(Mqtt.PUBCOMP).packetId()).isEqualTo(7);
            assertThat(payloads(reader.read(1))).containsExactly("at 12:00");
            assertThat(reader.next(1, NOTHING)).isEmpty();
        }
    }

    /** A device that has lost its state begins anew with its identifiers. */
    @Test
    void a_qos_2_publish_under_an_unreleased_id_without_dup_and_with_another_payload_is_a_new_message()
            throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
            for (String payload : List.of("one", "two")) {
                peer.send(V3_1_1.publish("t", 2, 7, payload));
                assertThat(peer.next(Mqtt.PUBREC).packetId()).isEqualTo(7);
            }
            assertThat(payloads(reader.read(2))).containsExactly("one", "two");
        }
    }

    @Test
    void what_stands_behind_a_publish_that_ends_the_connection_is_not_captured_and_what_stands_before_it_is(
            @TempDir Path dir) throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic readwrite sensors/#\n");
        try (TestBroker broker = new TestBroker.Wanted().aclFile(acl).start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < 20; i++) {
                try (Peer peer = Peer.at(broker.port())) {
                    peer.connect(V3_1_1.connect("x", 0));
                    peer.send(new Bytes()
                            .raw(V3_1_1.publish("sensors/1", 2, 1, "before"))
                            .raw(V3_1_1.publish("denied", 2, 2, "denied"))
                            .raw(V3_1_1.publish("sensors/1", 2, 3, "behind"))
                            .array());
                    if (!peer.isClosedWithin(Duration.ofMillis(200))) {
                        // A positive answer is allowed, too [MQTT-3.3.5-2], and then nothing was refused.
                        return;
                    }
                }
            }
            // Sent again under the same identifier of one session: one message.
            assertThat(payloads(reader.read(1))).containsExactly("before");
            assertThat(reader.next(1, NOTHING)).isEmpty();
        }
    }

    @Test
    void a_qos_2_publish_that_a_full_buffer_refused_is_taken_when_there_is_room_again() throws Exception {
        TestBroker.Wanted small = new TestBroker.Wanted().buffer(TestBroker.memory(400_000, Overflow.REJECT));
        try (TestBroker broker = small.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (Peer filling = Peer.at(broker.port())) {
                filling.connect(V3_1_1.connect("x", 0));
                for (int id = 1; id < 40; id++) {
                    filling.trySend(V3_1_1.publish("t", 4, id, new Bytes(), new byte[20_000]));
                }
                assertThat(filling.isClosedWithin(AT_ONCE)).isTrue();
            }
            while (!reader.next(100, NOTHING).isEmpty()) {
                // Makes room.
            }
            try (Peer again = Peer.at(broker.port())) {
                again.connect(V3_1_1.connect("x", 0));
                for (int id = 1; id < 28; id++) {
                    again.send(V3_1_1.publish("t", 0x0C, id, new Bytes(), new byte[20_000]));
                    assertThat(again.next(Mqtt.PUBREC).packetId()).isEqualTo(id);
                    again.send(Mqtt.pubrel(id));
                    assertThat(again.next(Mqtt.PUBCOMP).packetId()).isEqualTo(id);
                    reader.next(100, Duration.ofMillis(50));
                }
            }
        }
    }

    /** What a Mosquitto bridge does after an outage; it is slowed down, and not thrown out. */
    @Test
    void a_backlog_at_qos_1_beyond_receive_maximum_is_taken_whole() throws Exception {
        int messages = 3 * 1_000;
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V5, "bridge")) {
            Bytes backlog = new Bytes();
            for (int id = 1; id <= messages; id++) {
                backlog.raw(V5.publish("t", 1, id, Integer.toString(id)));
            }
            peer.send(backlog.array());
            for (int id = 1; id <= messages; id++) {
                Peer.Received puback = peer.next();
                assertThat(puback.type()).isEqualTo(Mqtt.PUBACK);
                assertThat(puback.packetId()).isEqualTo(id);
            }
            assertThat(reader.read(messages)).hasSize(messages);
        }
    }

    /** MQTT 5, section 3.1.2.5, and what a Sparkplug host builds on: a death comes before the next birth. */
    @ParameterizedTest
    @EnumSource(Mqtt.class)
    void a_will_stands_before_whatever_the_next_connection_of_its_client_publishes(Mqtt version) throws Exception {
        int rounds = 200;
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                Peer peer = Peer.at(broker.port());
                peers.add(peer);
                peer.send(new Bytes()
                        .raw(version.connectWithWill("node", 1, "t", ("death " + i).getBytes(UTF_8)))
                        .raw(version.publish("t", 0, 0, "birth " + i))
                        .array());
                peer.next(Mqtt.CONNACK);
            }
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                expected.add("birth " + i);
                expected.add("death " + i);
            }
            expected.remove(expected.size() - 1);
            assertThat(payloads(reader.read(expected.size()))).containsExactlyElementsOf(expected);
            for (Peer peer : peers) {
                peer.close();
            }
            assertThat(reader.read(1)).allSatisfy(stored -> {
                assertThat(stored.message().kind()).isEqualTo(MessageKind.WILL);
                assertThat(TestBroker.text(stored.message())).isEqualTo("death " + (rounds - 1));
            });
        }
    }

    /** [MQTT-3.3.5-2] of 3.1.1. */
    @Test
    void a_publish_to_a_topic_of_the_server_is_answered_and_reaches_no_wildcard() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
            peer.send(V3_1_1.subscribe(1, 1, "#", "+/+"));
            peer.next(Mqtt.SUBACK);
            peer.send(V3_1_1.publish("$TopicA/B", 1, 2, "x"));
            assertThat(peer.next().type()).isEqualTo(Mqtt.PUBACK);
            assertThat(peer.next(NOTHING)).isEmpty();
        }
    }

    /** [MQTT-3.1.2-24] and 4.9 say it of both ends: a client hears what the server takes, and that is what it takes. */
    @Test
    void without_fanout_the_broker_announces_no_retained_messages_and_refuses_to_be_subscribed_to() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted().withoutFanout().start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(V5.connect("x"));
            Peer.Received connack = peer.next(Mqtt.CONNACK);
            assertThat(retainAvailable(connack)).isFalse();
            peer.send(V5.subscribe(1, 0, "t"));
            byte[] suback = peer.next(Mqtt.SUBACK).body();
            assertThat(suback[suback.length - 1] & 0xFF).isGreaterThanOrEqualTo(0x80);
        }
    }

    private static boolean retainAvailable(Peer.Received connack) {
        byte[] body = connack.body();
        for (int i = 3; i < body.length - 1; ) {
            int property = body[i] & 0xFF;
            if (property == 0x25) {
                return body[i + 1] == 1;
            }
            i += switch (property) {
                case 0x11, 0x27 -> 5;
                case 0x21, 0x22, 0x13 -> 3;
                case 0x24, 0x28, 0x29, 0x2A -> 2;
                default -> 3 + connack.u16(i + 1);
            };
        }
        return true;
    }
}
