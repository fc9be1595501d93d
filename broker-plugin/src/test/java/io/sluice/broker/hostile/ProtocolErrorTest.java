package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clients that are connected and send what no client may send. */
class ProtocolErrorTest extends HostileTest {

    private static Stream<Fault> inEveryVersion(Mqtt version) {
        Bytes none = version == Mqtt.V5 ? Bytes.of(0) : new Bytes();
        return Stream.of(
                new Fault("a second CONNECT", version.connect(name())),
                new Fault("CONNACK (CVE-2021-28166)", Bytes.of(0x20, 2, 0, 0).array()),
                new Fault("SUBACK", Bytes.of(0x90, 3, 0, 1, 0).array()),
                new Fault("UNSUBACK", Bytes.of(0xB0, 2, 0, 1).array()),
                new Fault("PINGRESP", Bytes.of(0xD0, 0).array()),
                new Fault("type 0", Bytes.of(0, 0).array()),
                new Fault("AUTH", Bytes.of(0xF0, 0).array()),
                new Fault("PUBLISH at QoS 3", version.publish("t", 6, 1, new Bytes(), new byte[1])),
                new Fault("packet id 0", version.publish("t", 1, 0, "x")),
                new Fault("an empty topic (CVE-2021-34432)", version.publish("", 0, 0, "x")),
                new Fault("a topic with a wildcard", version.publish("a/+/b", 1, 1, "x")),
                new Fault("a topic with a null", version.publish("a\0b", 1, 1, "x")),
                new Fault(
                        "a topic that is no UTF-8",
                        new Bytes().binary((byte) 0xFF, (byte) 0xFE).raw(none).packet(0x30)),
                new Fault(
                        "a topic longer than the packet",
                        Bytes.of(0x30, 4, 0xFF, 0xFF, 'a', 'b').array()),
                new Fault(
                        "a PUBLISH at QoS 1 that ends in its packet id",
                        Bytes.of(0x32, 4, 0, 1, 't', 0).array()),
                new Fault("an empty PUBLISH", Bytes.of(0x30, 0).array()),
                new Fault(
                        "a remaining length of five bytes",
                        Bytes.of(0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1).array()),
                new Fault(
                        "a message that is too large",
                        Bytes.of(0x30).varint(268_435_455).array()),
                new Fault("PUBREL without its flags", new Bytes().u16(1).packet(0x60)),
                new Fault("SUBSCRIBE without its flags", reserved(version.subscribe(1, 0, "t"), 0x80)),
                new Fault("UNSUBSCRIBE without its flags", reserved(version.unsubscribe(1, "t"), 0xA0)),
                new Fault("PINGREQ with flags", Bytes.of(0xC1, 0).array()),
                new Fault("DISCONNECT with flags", Bytes.of(0xE3, 0).array()),
                new Fault("SUBSCRIBE without filters", version.subscribe(1, 0)),
                new Fault("UNSUBSCRIBE without filters", version.unsubscribe(1)),
                new Fault("SUBSCRIBE under packet id 0", version.subscribe(0, 0, "t")),
                new Fault("SUBSCRIBE at QoS 3", version.subscribe(1, 3, "t")),
                new Fault(
                        "SUBSCRIBE without options",
                        new Bytes().u16(1).raw(none).text("t").packet(0x82)),
                new Fault("SUBSCRIBE to nothing", version.subscribe(1, 0, "")),
                new Fault("SUBSCRIBE with a null", version.subscribe(1, 0, "a\0b")));
    }

    private static byte[] reserved(byte[] packet, int firstByte) {
        packet[0] = (byte) firstByte;
        return packet;
    }

    private static Stream<Fault> inMqtt5() {
        return Stream.of(
                property("topic alias 0", Bytes.of(0x23).u16(0)),
                property("a topic alias above the maximum", Bytes.of(0x23).u16(65_535)),
                property("a topic alias twice", Bytes.of(0x23).u16(1).u8(0x23).u16(1)),
                property("a subscription identifier from a client", Bytes.of(0x0B, 1)),
                property("a response topic with a wildcard", Bytes.of(8).text("a/#")),
                property("an empty response topic", Bytes.of(8).text("")),
                property("a property of CONNECT", Bytes.of(0x11).u32(1)),
                property("an unknown property", Bytes.of(0x55, 1, 1, 1)),
                property("a user property without value", Bytes.of(0x26).text("a")),
                property(
                        "a user property longer than the packet", Bytes.of(0x26).u16(60_000)),
                new Fault(
                        "properties longer than the packet",
                        new Bytes()
                                .text("t")
                                .varint(2_097_151)
                                .raw(new byte[10])
                                .packet(0x30)),
                new Fault(
                        "a property length of five bytes (CVE-2026-21888)",
                        new Bytes().text("t").u8(0xFF, 0xFF, 0xFF, 0xFF, 1).packet(0x30)),
                subscription("subscription identifier 0", Bytes.of(0x0B, 0)),
                subscription("two subscription identifiers", Bytes.of(0x0B, 1, 0x0B, 2)),
                subscription("a subscription identifier of five bytes", Bytes.of(0x0B, 0xFF, 0xFF, 0xFF, 0xFF, 1)),
                new Fault("$share without a name", Mqtt.V5.subscribe(1, 0, "$share//t")),
                new Fault("$share without a filter", Mqtt.V5.subscribe(1, 0, "$share/x")),
                new Fault("$share with an empty filter", Mqtt.V5.subscribe(1, 0, "$share/x/")),
                new Fault("$share with a wildcard in its name", Mqtt.V5.subscribe(1, 0, "$share/a+/t")),
                new Fault("$share with no local", Mqtt.V5.subscribe(1, 4, "$share/x/t")),
                new Fault("retain handling 3", Mqtt.V5.subscribe(1, 0x30, "t")),
                new Fault(
                        "AUTH with a method",
                        new Bytes()
                                .u8(0x18)
                                .properties(Bytes.of(0x15).text("x"))
                                .packet(0xF0)),
                new Fault(
                        "a reason of DISCONNECT that is none",
                        Bytes.of(0xE0, 1, 0x7F).array()),
                new Fault(
                        "DISCONNECT that makes a session last",
                        new Bytes().u8(0).properties(Bytes.of(0x11).u32(100)).packet(0xE0)));
    }

    private static Fault property(String name, Bytes property) {
        return new Fault(name, Mqtt.V5.publish("t", 2, 1, property, "x".getBytes(StandardCharsets.US_ASCII)));
    }

    private static Fault subscription(String name, Bytes property) {
        return new Fault(
                name, new Bytes().u16(1).properties(property).text("t").u8(0).packet(0x82));
    }

    @Test
    void a_client_of_mqtt_3_1_1_that_breaks_a_rule_is_disconnected() throws Exception {
        disconnects(Mqtt.V3_1_1, inEveryVersion(Mqtt.V3_1_1).toList());
    }

    @Test
    void a_client_of_mqtt_5_that_breaks_a_rule_is_disconnected() throws Exception {
        disconnects(Mqtt.V5, Stream.concat(inEveryVersion(Mqtt.V5), inMqtt5()).toList());
    }

    private void disconnects(Mqtt version, List<Fault> faults) throws Exception {
        Map<String, Peer> peers = new LinkedHashMap<>();
        for (Fault fault : faults) {
            Peer peer = attacker(Peer.connected(broker().port(), version, name()));
            peer.trySend(fault.bytes());
            peers.put(fault.name(), peer);
        }
        assertClosed(peers);
    }

    @Test
    void what_stands_behind_a_protocol_error_is_not_captured() throws Exception {
        for (Fault fault : inEveryVersion(Mqtt.V3_1_1).toList()) {
            try (Peer peer = Peer.connected(broker().port(), Mqtt.V3_1_1, name())) {
                peer.trySend(Bytes.of()
                        .raw(fault.bytes())
                        .raw(Mqtt.V3_1_1.publish(Capture.WITNESSES + "behind-error", 1, 9, fault.name()))
                        .array());
                peer.isClosedWithin(Duration.ofMillis(100));
            }
        }
        assertNeverCaptured("behind-error");
    }

    @Test
    void what_stands_behind_a_disconnect_is_not_captured() throws Exception {
        for (Mqtt version : Mqtt.values()) {
            Peer peer = attacker(Peer.connected(broker().port(), version, name()));
            peer.trySend(Bytes.of()
                    .raw(Mqtt.disconnect())
                    .raw(version.publish(Capture.WITNESSES + "behind-disconnect", 0, 0, "x"))
                    .raw(version.publish(Capture.WITNESSES + "behind-disconnect", 1, 1, "x"))
                    .array());
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
        assertNeverCaptured("behind-disconnect");
    }

    @Test
    void a_log_is_not_filled_by_packets_that_only_servers_send() throws Exception {
        for (int first : List.of(0xD0, 0xF0)) {
            for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
                Peer peer = attacker(Peer.connected(broker().port(), version, name()));
                peer.trySend(Bytes.repeated(new byte[] {(byte) first, 0}, 20_000));
                assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
            }
        }
    }

    @Test
    void a_log_is_not_filled_by_acknowledgements_of_what_was_never_sent() throws Exception {
        for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
            Peer peer = attacker(Peer.connected(broker().port(), version, name()));
            Bytes answers = new Bytes();
            for (int id = 1; id < 2_000; id++) {
                answers.raw(Mqtt.puback(id))
                        .raw(Mqtt.pubrec(id))
                        .raw(Mqtt.pubrel(id))
                        .raw(Mqtt.pubcomp(id));
            }
            peer.trySend(answers.array());
            peer.isClosedWithin(Duration.ofMillis(500));
        }
    }

    @Test
    void a_log_is_not_filled_by_one_who_comes_again_and_again_to_break_a_rule() throws Exception {
        String id = name();
        for (int i = 0; i < 500; i++) {
            try (Peer peer = Peer.at(broker().port())) {
                peer.trySend(Mqtt.V3_1_1.connect(id), Mqtt.V3_1_1.connect(id));
                assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
            }
        }
    }
}
