package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V3_1_1;
import static io.sluice.broker.raw.Mqtt.V5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets that break a rule of MQTT 5 though each field of them can be read, and the reason that their sender hears. */
@Timeout(60)
class MalformedPacketTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private static final int MALFORMED = 0x81;
    private static final int PROTOCOL_ERROR = 0x82;

    private static final int UNKNOWN_REASON = 0x42;

    private static TestBroker broker;

    @BeforeAll
    static void start() {
        broker = TestBroker.start();
    }

    @AfterAll
    static void close() {
        broker.close();
    }

    private static Arguments of(String name, byte[] packet, int reason) {
        return Arguments.of(name, packet, reason);
    }

    private static byte[] connect(Bytes properties) {
        return V5.connect("x", Mqtt.CLEAN, properties);
    }

    private static byte[] will(Bytes properties) {
        return V5.connectHead(Mqtt.CLEAN | 0x04, 60)
                .properties(new Bytes())
                .text("x")
                .properties(properties)
                .text("t")
                .text("m")
                .packet(0x10);
    }

    private static byte[] publish(Bytes properties) {
        return V5.publish("t", 2, 1, properties, new byte[] {'x'});
    }

    private static byte[] subscribe(Bytes properties, int options) {
        return new Bytes().u16(1).properties(properties).text("t").u8(options).packet(0x82);
    }

    private static byte[] acknowledgement(int firstByte, int reason, Bytes properties) {
        return new Bytes().u16(1).u8(reason).properties(properties).packet(firstByte);
    }

    private static byte[] disconnect(int reason, Bytes properties) {
        return Bytes.of(reason).properties(properties).packet(0xE0);
    }

    private static Bytes twice(Bytes property) {
        return new Bytes().raw(property).raw(property);
    }

    /** MQTT 5, sections 3.1.2.11 and 3.1.3.2. */
    static Stream<Arguments> connects() {
        return Stream.of(
                of("session expiry", connect(twice(Bytes.of(0x11).u32(0))), PROTOCOL_ERROR),
                of("receive maximum", connect(twice(Bytes.of(0x21).u16(9))), PROTOCOL_ERROR),
                of("maximum packet size", connect(twice(Bytes.of(0x27).u32(9_999))), PROTOCOL_ERROR),
                of("topic alias maximum", connect(twice(Bytes.of(0x22).u16(9))), PROTOCOL_ERROR),
                of("request response information", connect(twice(Bytes.of(0x19, 1))), PROTOCOL_ERROR),
                of("request problem information", connect(twice(Bytes.of(0x17, 1))), PROTOCOL_ERROR),
                of("authentication method", connect(twice(Bytes.of(0x15).text("x"))), PROTOCOL_ERROR),
                of("authentication data", connect(twice(Bytes.of(0x16).text("x"))), PROTOCOL_ERROR),
                of("a property of PUBLISH", connect(Bytes.of(0x23).u16(1)), MALFORMED),
                of("no property at all", connect(Bytes.of(0x7E, 0)), MALFORMED),
                of("a property that is cut off", connect(Bytes.of(0x11, 0, 0)), MALFORMED),
                of("a flag of 2", connect(Bytes.of(0x17, 2)), PROTOCOL_ERROR),
                of("will delay", will(twice(Bytes.of(0x18).u32(1))), PROTOCOL_ERROR),
                of("payload format of the will", will(twice(Bytes.of(0x01, 1))), PROTOCOL_ERROR),
                of("payload format 2 of the will", will(Bytes.of(0x01, 2)), PROTOCOL_ERROR),
                of("expiry of the will", will(twice(Bytes.of(0x02).u32(1))), PROTOCOL_ERROR),
                of("content type of the will", will(twice(Bytes.of(0x03).text("a"))), PROTOCOL_ERROR),
                of("response topic of the will", will(twice(Bytes.of(0x08).text("a"))), PROTOCOL_ERROR),
                of("correlation data of the will", will(twice(Bytes.of(0x09).text("a"))), PROTOCOL_ERROR),
                of("a topic alias of the will", will(Bytes.of(0x23).u16(1)), MALFORMED),
                of("a reserved flag", V5.connect("x", Mqtt.CLEAN | 0x01), MALFORMED),
                of("a will's QoS without a will", V5.connect("x", Mqtt.CLEAN | 0x08), MALFORMED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("connects")
    void a_connect_that_breaks_a_rule_is_refused_with_a_reason_and_counted(String name, byte[] connect, int reason)
            throws Exception {
        long refused = refused();
        try (Peer peer = Peer.at(broker.port())) {
            peer.send(connect);
            byte[] connack = peer.next(Mqtt.CONNACK).body();
            assertThat(connack).as("flags, reason, no properties").hasSize(3);
            assertThat(connack[1] & 0xFF).isEqualTo(reason);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
        await().untilAsserted(() -> assertThat(refused()).isEqualTo(refused + 1));
    }

    private static long refused() {
        return broker.broker().stats().door().turnedAway()
                + broker.broker().stats().door().refusedClients();
    }

    static Stream<Arguments> packets() {
        return Stream.of(publishes(), subscribes(), answers()).flatMap(some -> some);
    }

    /** Section 3.3.2.3. */
    private static Stream<Arguments> publishes() {
        return Stream.of(
                of("payload format", publish(twice(Bytes.of(0x01, 1))), PROTOCOL_ERROR),
                of("payload format 2", publish(Bytes.of(0x01, 2)), PROTOCOL_ERROR),
                of("message expiry", publish(twice(Bytes.of(0x02).u32(9))), PROTOCOL_ERROR),
                of("topic alias", publish(twice(Bytes.of(0x23).u16(1))), PROTOCOL_ERROR),
                of("response topic", publish(twice(Bytes.of(0x08).text("a"))), PROTOCOL_ERROR),
                of("correlation data", publish(twice(Bytes.of(0x09).text("a"))), PROTOCOL_ERROR),
                of("content type", publish(twice(Bytes.of(0x03).text("a"))), PROTOCOL_ERROR),
                of(
                        "content type, and others between",
                        publish(new Bytes()
                                .raw(Bytes.of(0x03).text("a"))
                                .raw(Bytes.of(0x26).text("k").text("v"))
                                .raw(Bytes.of(0x02).u32(9))
                                .raw(Bytes.of(0x03).text("b"))),
                        PROTOCOL_ERROR),
                of("a property of CONNECT", publish(Bytes.of(0x21).u16(1)), MALFORMED),
                of("a property of no packet", publish(Bytes.of(0x04, 1)), MALFORMED),
                of("at QoS 0", V5.publish("t", 0, 0, twice(Bytes.of(0x03).text("a")), new byte[0]), PROTOCOL_ERROR));
    }

    /** Sections 3.8.2.1, 3.8.3.1 and 3.10.2.1. */
    private static Stream<Arguments> subscribes() {
        return Stream.of(
                of("subscription identifier", subscribe(twice(Bytes.of(0x0B, 1)), 0), PROTOCOL_ERROR),
                of("a property of PUBLISH in SUBSCRIBE", subscribe(Bytes.of(0x01, 1), 0), MALFORMED),
                of("reserved bit 6 of the options", subscribe(new Bytes(), 0x40), MALFORMED),
                of("reserved bit 7 of the options", subscribe(new Bytes(), 0x80), MALFORMED),
                of(
                        "a reserved bit in the second options",
                        new Bytes()
                                .u16(1)
                                .properties(new Bytes())
                                .text("a")
                                .u8(0)
                                .text("b")
                                .u8(0x40)
                                .packet(0x82),
                        MALFORMED),
                of("maximum QoS 3", subscribe(new Bytes(), 3), PROTOCOL_ERROR),
                of("retain handling 3", subscribe(new Bytes(), 0x30), PROTOCOL_ERROR),
                of("no local on a shared subscription", V5.subscribe(1, 4, "$share/x/t"), PROTOCOL_ERROR),
                of(
                        "a subscription identifier in UNSUBSCRIBE",
                        new Bytes()
                                .u16(1)
                                .properties(Bytes.of(0x0B, 1))
                                .text("t")
                                .packet(0xA2),
                        MALFORMED));
    }

    /** Sections 3.4.2, 3.5.2, 3.6.2, 3.7.2, 3.14.2. */
    private static Stream<Arguments> answers() {
        Bytes none = new Bytes();
        Bytes reasonString = Bytes.of(0x1F).text("a");
        return Stream.of(
                of("PUBACK of no reason", acknowledgement(0x40, UNKNOWN_REASON, none), PROTOCOL_ERROR),
                of("PUBACK of a reason of PUBREL", acknowledgement(0x40, 0x92, none), PROTOCOL_ERROR),
                of("PUBREC of no reason", acknowledgement(0x50, UNKNOWN_REASON, none), PROTOCOL_ERROR),
                of("PUBREL of no reason", acknowledgement(0x62, UNKNOWN_REASON, none), PROTOCOL_ERROR),
                of("PUBREL of a reason of PUBACK", acknowledgement(0x62, 0x10, none), PROTOCOL_ERROR),
                of("PUBCOMP of no reason", acknowledgement(0x70, UNKNOWN_REASON, none), PROTOCOL_ERROR),
                of(
                        "PUBACK of no reason, without properties",
                        new Bytes().u16(1).u8(UNKNOWN_REASON).packet(0x40),
                        PROTOCOL_ERROR),
                of("two reason strings", acknowledgement(0x40, 0, twice(reasonString)), PROTOCOL_ERROR),
                of("a property of PUBLISH in PUBACK", acknowledgement(0x40, 0, Bytes.of(0x01, 1)), MALFORMED),
                of("DISCONNECT of no reason", disconnect(UNKNOWN_REASON, none), PROTOCOL_ERROR),
                of("DISCONNECT of a reason of servers", disconnect(0x8B, none), PROTOCOL_ERROR),
                of("two session expiries", disconnect(0, twice(Bytes.of(0x11).u32(0))), PROTOCOL_ERROR),
                of("two reason strings of DISCONNECT", disconnect(0, twice(reasonString)), PROTOCOL_ERROR),
                of(
                        "a server reference from a client",
                        disconnect(0, Bytes.of(0x1C).text("a")),
                        MALFORMED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    void a_packet_that_breaks_a_rule_ends_its_connection_with_a_reason_behind_what_came_before(
            String name, byte[] packet, int reason) throws Exception {
        long closed = broker.broker().stats().door().closedConnections();
        try (TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(new Bytes()
                    .raw(V5.publish("before", 1, 7, "m"))
                    .raw(packet)
                    .raw(V5.publish("behind", 1, 8, "m"))
                    .array());
            assertThat(peer.next(Mqtt.DISCONNECTED).body()[0] & 0xFF).isEqualTo(reason);
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
            try (Peer other = Peer.connected(broker.port(), V5, "other")) {
                other.send(V5.publish("later", 1, 1, "m"));
                other.next(Mqtt.PUBACK);
            }
            assertThat(reader.read(2))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("before", "later");
        }
        await().untilAsserted(() ->
                assertThat(broker.broker().stats().door().closedConnections()).isEqualTo(closed + 1));
    }

    /** [MQTT-3-8.3-4] of 3.1.1. */
    @Test
    void a_client_of_mqtt_3_1_1_that_sets_reserved_bits_in_subscribe_is_closed() throws Exception {
        for (int options : List.of(0x04, 0x08, 0x10, 0x80)) {
            try (Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
                peer.send(V3_1_1.subscribe(1, options, "t"));
                assertThat(peer.isClosedWithin(AT_ONCE))
                        .as("options %x", options)
                        .isTrue();
            }
        }
    }

    /** What may come more than once, and each reason that a client may give. */
    @Test
    void what_the_specification_allows_is_taken() throws Exception {
        Bytes pair = Bytes.of(0x26).text("k").text("v");
        try (TestBroker.Reader reader = broker.attach("#");
                Peer peer = Peer.at(broker.port())) {
            peer.connect(connect(new Bytes()
                    .raw(Bytes.of(0x11).u32(5))
                    .raw(Bytes.of(0x21).u16(9))
                    .raw(Bytes.of(0x27).u32(9_999))
                    .raw(Bytes.of(0x22).u16(9))
                    .raw(Bytes.of(0x19, 0))
                    .raw(Bytes.of(0x17, 1))
                    .raw(twice(pair))));
            Bytes all = new Bytes()
                    .raw(Bytes.of(0x01, 1))
                    .raw(Bytes.of(0x02).u32(9))
                    .raw(Bytes.of(0x03).text("a"))
                    .raw(Bytes.of(0x08).text("a"))
                    .raw(Bytes.of(0x09).text("a"))
                    .raw(twice(pair));
            peer.send(publish(all), subscribe(new Bytes().u8(0x0B, 0xFF, 0x01).raw(twice(pair)), 0x2E));
            assertThat(List.of(peer.next().type(), peer.next().type()))
                    .containsExactlyInAnyOrder(Mqtt.PUBACK, Mqtt.SUBACK);
            assertThat(reader.read(1)).hasSize(1);
            Bytes reasonString = Bytes.of(0x1F).text("a").raw(twice(pair));
            for (int reason : List.of(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)) {
                peer.send(acknowledgement(0x40, reason, reasonString), acknowledgement(0x50, reason, reasonString));
            }
            for (int reason : List.of(0x00, 0x92)) {
                peer.send(acknowledgement(0x62, reason, reasonString), acknowledgement(0x70, reason, reasonString));
            }
            peer.send(Mqtt.pingreq());
            assertThat(peer.next(Mqtt.PINGRESP).body()).isEmpty();
            peer.send(disconnect(0x04, new Bytes().raw(Bytes.of(0x11).u32(9)).raw(reasonString)));
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
    }
}
