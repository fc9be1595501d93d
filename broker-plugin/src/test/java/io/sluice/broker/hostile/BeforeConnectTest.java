package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Those who are not let in, or never ask. */
class BeforeConnectTest extends HostileTest {

    private static byte[] clientHello() {
        return Bytes.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3)
                .raw(new byte[400])
                .array();
    }

    @Test
    void a_first_packet_that_is_no_connect_is_refused_before_it_is_read_whole() throws Exception {
        Map<String, Peer> peers = new LinkedHashMap<>();
        for (int type = 0; type < 16; type++) {
            if (type != 1) {
                Peer peer = attacker(Peer.at(broker().port()));
                peer.trySend(Bytes.of(type << 4)
                        .varint(268_435_455)
                        .raw(new byte[1_000])
                        .array());
                peers.put("type " + type, peer);
            }
        }
        assertClosed(peers);
    }

    @Test
    void connects_that_announce_a_quarter_of_a_gigabyte_are_not_waited_for() throws Exception {
        byte[] begun = Bytes.of(0x10)
                .varint(268_435_455)
                .raw(Mqtt.V5.connectHead(2, 60))
                .array();
        Map<String, Peer> peers = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            Peer peer = attacker(Peer.at(broker().port()));
            peer.trySend(begun, new byte[200_000]);
            peers.put("number " + i, peer);
        }
        assertClosed(peers);
    }

    @Test
    void half_connects_of_many_strangers_hold_little_memory() throws Exception {
        // Each as large as a message may be, and never finished.
        byte[] half = Bytes.of(0x10)
                .varint(900_000)
                .raw(Mqtt.V3_1_1.connectHead(0xC6, 60))
                .text("x")
                .text("will")
                .u16(65_000)
                .raw(new byte[60_000])
                .array();
        for (int i = 0; i < 500; i++) {
            attacker(Peer.at(broker().port())).trySend(half);
        }
        assertThat(broker().held().direct()).isLessThan(64 << 20);
    }

    private static Stream<Fault> wrongConnects() {
        Bytes head5 = Mqtt.V5.connectHead(2, 60);
        return Stream.of(
                new Fault("reserved flag", Mqtt.V3_1_1.connect("x", 0x03)),
                new Fault("will QoS 3", Mqtt.V3_1_1.connectWithWill("x", 3, "t", new byte[1])),
                new Fault("will QoS without will", Mqtt.V3_1_1.connect("x", 0x0A)),
                new Fault("will retain without will", Mqtt.V3_1_1.connect("x", 0x22)),
                new Fault("a will that is not there", Mqtt.V3_1_1.connect("x", 0x06)),
                new Fault("password without user, 3.1.1", Mqtt.V3_1_1.connect("x", 0x42)),
                new Fault("a user name that is not there", Mqtt.V3_1_1.connect("x", 0x82)),
                new Fault(
                        "another protocol",
                        new Bytes().text("hj").u8(4, 2).u16(60).text("x").packet(0x10)),
                new Fault(
                        "no protocol",
                        new Bytes().text("").u8(4, 2).u16(60).text("x").packet(0x10)),
                new Fault(
                        "level 6",
                        new Bytes().text("MQTT").u8(6, 2).u16(60).text("x").packet(0x10)),
                new Fault(
                        "level 127",
                        new Bytes().text("MQTT").u8(127, 2).u16(60).text("x").packet(0x10)),
                new Fault("nothing", new byte[] {0x10, 0}),
                new Fault("one byte", new byte[] {0x10, 1, 0}),
                new Fault("a protocol name longer than the packet", new byte[] {0x10, 4, 0x7F, 0x7F, 0, 0}),
                new Fault(
                        "flags in the fixed header",
                        Mqtt.V3_1_1.connectHead(2, 60).text("x").packet(0x1F)),
                new Fault(
                        "bytes behind its end",
                        Mqtt.V3_1_1.connectHead(2, 60).text("x").text("y").packet(0x10)),
                new Fault("no client id and clean session 0", Mqtt.V3_1_1.connect("", 0)),
                new Fault(
                        "a client id that is no UTF-8",
                        Mqtt.V3_1_1
                                .connectHead(2, 60)
                                .binary((byte) 0xC3, (byte) 0x28)
                                .packet(0x10)),
                new Fault(
                        "a client id with half a surrogate",
                        Mqtt.V3_1_1
                                .connectHead(2, 60)
                                .binary((byte) 0xED, (byte) 0xA0, (byte) 0x80)
                                .packet(0x10)),
                new Fault("a client id with a null", Mqtt.V3_1_1.connect("a\0b")),
                new Fault(
                        "remaining length of five bytes",
                        Bytes.of(0x10, 0x80, 0x80, 0x80, 0x80, 1).array()),
                new Fault(
                        "property length of five bytes",
                        new Bytes()
                                .raw(head5)
                                .u8(0xFF, 0xFF, 0xFF, 0xFF, 0x7F)
                                .text("x")
                                .packet(0x10)),
                new Fault(
                        "properties longer than the packet",
                        new Bytes().raw(head5).varint(268_435_455).text("x").packet(0x10)),
                new Fault(
                        "properties that end in the middle",
                        properties(Bytes.of(0x26).u16(5).u8('a'))),
                new Fault("an unknown property", properties(Bytes.of(0x7E, 0))),
                new Fault("property 0", properties(Bytes.of(0, 0))),
                new Fault("a property of PUBLISH", properties(Bytes.of(0x23).u16(1))),
                new Fault("receive maximum 0", properties(Bytes.of(0x21).u16(0))),
                new Fault("maximum packet size 0", properties(Bytes.of(0x27).u32(0))),
                new Fault("request problem information 7", properties(Bytes.of(0x17, 7))),
                new Fault(
                        "authentication data without a method",
                        properties(Bytes.of(0x16).text("x"))),
                new Fault("an authentication method", properties(Bytes.of(0x15).text("SCRAM-SHA-1"))),
                new Fault(
                        "will properties of another packet", will(Bytes.of(0x11).u32(5))),
                new Fault(
                        "a response topic of the will with a wildcard",
                        will(Bytes.of(8).text("a/+"))),
                new Fault(
                        "an empty response topic of the will", will(Bytes.of(8).text(""))),
                new Fault("an unknown will property", will(Bytes.of(0x7F, 1, 2, 3))),
                new Fault(
                        "will properties longer than the packet",
                        new Bytes()
                                .raw(Mqtt.V5.connectHead(6, 60))
                                .varint(0)
                                .text("x")
                                .varint(2_097_151)
                                .text("t")
                                .text("m")
                                .packet(0x10)),
                new Fault("a will with a wildcard", Mqtt.V3_1_1.connectWithWill("x", 0, "a/#", new byte[1])),
                new Fault("a will without a topic", Mqtt.V3_1_1.connectWithWill("x", 0, "", new byte[1])));
    }

    private static byte[] properties(Bytes properties) {
        return Mqtt.V5.connect("x", 2, properties);
    }

    private static byte[] will(Bytes properties) {
        return new Bytes()
                .raw(Mqtt.V5.connectHead(6, 60))
                .varint(0)
                .text("x")
                .properties(properties)
                .text("t")
                .text("m")
                .packet(0x10);
    }

    @Test
    void a_connect_that_is_wrong_is_refused_as_often_as_it_comes() throws Exception {
        for (int i = 0; i < 2; i++) {
            Map<String, Peer> peers = new LinkedHashMap<>();
            for (Fault fault : wrongConnects().toList()) {
                Peer peer = attacker(Peer.at(broker().port()));
                peer.trySend(fault.bytes());
                peers.put(fault.name(), peer);
            }
            assertClosed(peers);
        }
    }

    @Test
    void two_thousand_connections_that_say_nothing_do_not_keep_others_out() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            attacker(Peer.at(broker().port()));
        }
        assertThat(broker().isAlive()).isTrue();
        // One address may make so many connections a second; everybody here has the same.
        await().untilAsserted(() -> assertThatCode(
                        () -> Peer.connected(broker().port(), Mqtt.V5, name()).close())
                .doesNotThrowAnyException());
    }

    @Test
    void a_thousand_connections_that_connect_and_reset_leave_nothing() throws Exception {
        String id = name();
        for (int i = 0; i < 1_000; i++) {
            Peer peer = Peer.at(broker().port());
            peer.send(Mqtt.V5.connect(id + "-" + i));
            peer.reset();
        }
    }

    @Test
    void sessions_of_those_who_reset_before_connack_end_when_they_should() throws Exception {
        String id = name();
        for (int i = 0; i < 500; i++) {
            Peer peer = Peer.at(broker().port());
            // Expires when the connection ends.
            peer.send(Mqtt.V5.connect(id + "-" + i, 0), Mqtt.V5.subscribe(1, 1, "evil/" + id + "/" + i));
            peer.reset();
        }
    }

    @Test
    void what_is_no_mqtt_at_all_is_refused() throws Exception {
        Random random = new Random(7);
        List<byte[]> garbage = new ArrayList<>(List.of(
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                "SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII),
                clientHello(),
                "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[1_000]));
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(bytes);
            garbage.add(bytes);
        }
        for (byte[] bytes : garbage) {
            for (String scheme : List.of("tcp", "ws", "ssl")) {
                try (Peer peer = Peer.at(broker().port(scheme))) {
                    peer.trySend(bytes);
                }
            }
        }
    }

    @Test
    void connects_with_all_the_user_properties_that_fit_cost_no_more_than_their_bytes() throws Exception {
        // Quadratic checks for duplicates have stood brokers still (CVE-2021-41039).
        byte[] properties = Bytes.repeated(Bytes.of(0x26).u16(0).u16(0).array(), 12_000);
        byte[] connect = Mqtt.V5.connect(name(), 2, new Bytes().raw(properties));
        for (int i = 0; i < 100; i++) {
            try (Peer peer = Peer.at(broker().port())) {
                peer.trySend(connect);
                peer.isClosedWithin(Duration.ofMillis(20));
            }
        }
    }

    @Test
    void connections_that_stay_do_not_keep_what_was_in_their_connects() throws Exception {
        // Each pair is 7 bytes of its packet, and some 150 of the heap.
        byte[] pair = Bytes.of(0x26).text("a").text("b").array();
        Bytes properties = new Bytes().raw(Bytes.repeated(pair, 130_000 / pair.length));
        String id = name();
        for (int i = 0; i < 150; i++) {
            attacker(Peer.at(broker().port())).connect(Mqtt.V5.connect(id + "-" + i, 2, properties));
        }
    }

    @Test
    void response_information_that_ever_new_clients_ask_for_is_forgotten_with_them() throws Exception {
        String id = name();
        for (int i = 0; i < 1_000; i++) {
            try (Peer peer = Peer.at(broker().port())) {
                peer.connect(Mqtt.V5.connect(id + "-" + "x".repeat(15_000) + i, 2, Bytes.of(0x19, 1)));
                peer.send(Mqtt.disconnect());
            }
        }
    }

    @Test
    void what_stands_behind_a_refused_connect_is_not_looked_at() throws Exception {
        Map<String, byte[]> refused = Map.of(
                "no client id", Mqtt.V3_1_1.connect("", 0),
                "level 6", new Bytes().text("MQTT").u8(6, 2).u16(60).text("x").packet(0x10));
        for (byte[] connect : refused.values()) {
            Peer peer = attacker(Peer.at(broker().port()));
            peer.trySend(connect, Mqtt.V3_1_1.publish(Capture.WITNESSES + "behind", 0, 0, "x"));
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
        assertNeverCaptured("behind");
    }

    @Test
    void sockets_that_are_opened_and_closed_as_fast_as_can_be_leave_nothing() throws Exception {
        for (int i = 0; i < 900; i++) {
            Peer.at(broker().port(List.of("tcp", "ssl", "ws").get(i % 3))).close();
        }
    }
}
