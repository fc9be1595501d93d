package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.raw.WebSocketPeer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** The WebSocket listener: frames that are wrong, frames that are right and unusual, and HTTP. */
class WebSocketAttackTest extends HostileTest {

    private static final int FINAL = 0x80;

    private static Stream<Fault> frames() {
        byte[] ping = Mqtt.pingreq();
        return Stream.of(
                new Fault("a text frame", frame(FINAL | WebSocketPeer.TEXT, ping)),
                new Fault("a text frame without end", frame(WebSocketPeer.TEXT, ping)),
                new Fault("a frame that is not masked", WebSocketPeer.frame(FINAL | WebSocketPeer.BINARY, false, ping)),
                new Fault("a continuation of nothing", frame(FINAL | WebSocketPeer.CONTINUATION, ping)),
                new Fault("reserved bits", frame(FINAL | 0x70 | WebSocketPeer.BINARY, ping)),
                new Fault("a reserved opcode", frame(FINAL | 3, ping)),
                new Fault("a reserved control opcode", frame(FINAL | 0xB, ping)),
                new Fault("a ping in fragments", frame(WebSocketPeer.PING, ping)),
                new Fault("a ping that is too long", frame(FINAL | WebSocketPeer.PING, new byte[200])),
                new Fault("a close of one byte", frame(FINAL | WebSocketPeer.CLOSE, new byte[1])),
                new Fault("a close code that is none", frame(FINAL | WebSocketPeer.CLOSE, new byte[] {0, 5})),
                new Fault(
                        "a close reason that is no UTF-8",
                        frame(FINAL | WebSocketPeer.CLOSE, new byte[] {3, (byte) 0xE8, (byte) 0xC3, 0x28})),
                new Fault(
                        "a length of 63 bits",
                        WebSocketPeer.head(FINAL | WebSocketPeer.BINARY, true, Long.MAX_VALUE)
                                .array()),
                new Fault(
                        "a negative length",
                        WebSocketPeer.head(FINAL | WebSocketPeer.BINARY, true, Long.MAX_VALUE)
                                .array()),
                new Fault(
                        "a gigabyte announced",
                        WebSocketPeer.head(FINAL | WebSocketPeer.BINARY, true, 1 << 30)
                                .array()),
                new Fault(
                        "a new message within another",
                        new Bytes()
                                .raw(frame(WebSocketPeer.BINARY, ping))
                                .raw(frame(FINAL | WebSocketPeer.BINARY, ping))
                                .array()));
    }

    private static byte[] frame(int firstByte, byte[] payload) {
        return WebSocketPeer.frame(firstByte, true, payload);
    }

    @Test
    void a_frame_that_is_wrong_closes_its_connection_before_and_after_login() throws Exception {
        Map<String, Peer> peers = new LinkedHashMap<>();
        for (Fault fault : frames().toList()) {
            for (boolean loggedIn : List.of(false, true)) {
                WebSocketPeer peer = attacker(
                        loggedIn
                                ? WebSocketPeer.connected(broker().port("ws"), name())
                                : WebSocketPeer.open(broker().port("ws")));
                peer.peer().trySend(fault.bytes());
                peers.put(fault.name() + (loggedIn ? " after login" : " before login"), peer.peer());
            }
        }
        assertClosed(peers);
    }

    @Test
    void frames_and_packets_need_not_begin_and_end_together() throws Exception {
        WebSocketPeer peer = attacker(WebSocketPeer.open(broker().port("ws")));
        byte[] connect = Mqtt.V3_1_1.connect(name());
        byte[][] single = new byte[connect.length][];
        for (int i = 0; i < connect.length; i++) {
            single[i] = new byte[] {connect[i]};
        }
        peer.sendFragments(WebSocketPeer.BINARY, single);
        assertThat(peer.readFrame()[0]).isEqualTo((byte) 0x20);

        byte[] publish = Mqtt.V3_1_1.publish(Capture.WITNESSES + "split", 1, 1, "x");
        peer.send(WebSocketPeer.BINARY, Arrays.copyOf(publish, 5));
        peer.send(WebSocketPeer.PING, "between".getBytes(StandardCharsets.US_ASCII));
        peer.send(
                WebSocketPeer.BINARY,
                new Bytes()
                        .raw(Arrays.copyOfRange(publish, 5, publish.length))
                        .raw(Mqtt.pingreq())
                        .raw(Mqtt.pingreq())
                        .array());
        Bytes answers = new Bytes();
        while (answers.size() < "between".length() + 4 + 2 + 2) {
            answers.raw(peer.readFrame());
        }
        peer.sendFragments(WebSocketPeer.BINARY, new byte[0], new byte[0], Mqtt.pingreq(), new byte[0]);
        assertThat(peer.readFrame()).isEqualTo(new byte[] {(byte) 0xD0, 0});
    }

    @Test
    void fragments_without_end_are_bounded() throws Exception {
        WebSocketPeer peer = attacker(WebSocketPeer.connected(broker().port("ws"), name()));
        byte[] publish = Bytes.of(0x30).varint(268_435_000).array();
        peer.peer().trySend(frame(WebSocketPeer.BINARY, publish));
        byte[] more = frame(WebSocketPeer.CONTINUATION, new byte[60_000]);
        boolean taken = true;
        for (int i = 0; i < 1_000 && taken; i++) {
            taken = peer.peer().trySend(more);
        }
        assertThat(taken).as("the broker took 60 MB of one message").isFalse();
    }

    @Test
    void empty_fragments_without_end_cost_nothing() throws Exception {
        WebSocketPeer peer = attacker(WebSocketPeer.connected(broker().port("ws"), name()));
        peer.peer().trySend(frame(WebSocketPeer.BINARY, new byte[0]));
        byte[] more = Bytes.repeated(frame(WebSocketPeer.CONTINUATION, new byte[0]), 10_000);
        for (int i = 0; i < 50; i++) {
            peer.peer().trySend(more);
        }
    }

    @Test
    void a_packet_that_announces_more_than_its_frame_has_is_waited_for_and_nothing_else() throws Exception {
        // CVE-2026-25627.
        for (int i = 0; i < 50; i++) {
            WebSocketPeer peer = attacker(WebSocketPeer.connected(broker().port("ws"), name()));
            peer.send(
                    WebSocketPeer.BINARY,
                    Bytes.of(0x30).varint(4_096).u8(0, 1, 't').array());
        }
    }

    @Test
    void what_is_no_handshake_gets_an_answer_of_http_and_is_closed() throws Exception {
        String headers = "Host: 127.0.0.1\r\n";
        List<String> requests = List.of(
                "GET / HTTP/1.1\r\n" + headers + "\r\n",
                "GET /other HTTP/1.1\r\n" + headers + "\r\n",
                WebSocketPeer.upgrade("/other"),
                WebSocketPeer.upgrade("/mqtt/"),
                WebSocketPeer.upgrade("/mqttx"),
                "POST /mqtt HTTP/1.1\r\n" + headers + "Content-Length: 5\r\n\r\nhello",
                "POST /other HTTP/1.1\r\n" + headers + "Content-Length: 5\r\n\r\nhello",
                "GET /mqtt HTTP/1.1\r\n" + headers + "\r\n",
                "GET /mqtt HTTP/1.0\r\n\r\n",
                WebSocketPeer.upgrade("/mqtt").replace("Version: 13", "Version: 7"),
                "OPTIONS * HTTP/1.1\r\n" + headers + "\r\n");
        SoftAssertions softly = new SoftAssertions();
        for (String request : requests) {
            Peer peer = attacker(Peer.at(broker().port("ws")));
            String first = request.substring(0, request.indexOf('\r'));
            String answer = answer(peer, request);
            softly.assertThat(answer).as(first).startsWith("HTTP/1.1 4");
            softly.assertThat(peer.isClosedWithin(AT_ONCE))
                    .as(first + " is closed")
                    .isTrue();
        }
        softly.assertThat(answer(attacker(Peer.at(broker().port("ws"))), WebSocketPeer.upgrade("/other")))
                .contains(" 404 ");
        softly.assertAll();
    }

    private static String answer(Peer peer, String request) {
        try {
            return WebSocketPeer.request(peer, request);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void a_query_string_is_no_other_path() throws Exception {
        Peer peer = attacker(Peer.at(broker().port("ws")));
        assertThat(WebSocketPeer.request(peer, WebSocketPeer.upgrade("/mqtt?token=a%20b&x=/y")))
                .startsWith("HTTP/1.1 101 ")
                .containsIgnoringCase("sec-websocket-protocol: mqtt");
    }

    @Test
    void requests_behind_another_path_do_not_get_in() throws Exception {
        // The body of the one is the other.
        String inner = WebSocketPeer.upgrade("/mqtt");
        for (String request : List.of(
                "POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: " + inner.length() + "\r\n\r\n"
                        + inner,
                "POST /other HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
                        + inner,
                "GET /other HTTP/1.1\r\nHost: x\r\n\r\n" + inner,
                "GET /other HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + inner)) {
            Peer peer = attacker(Peer.at(broker().port("ws")));
            peer.trySend(
                    request.getBytes(StandardCharsets.US_ASCII),
                    frame(FINAL | WebSocketPeer.BINARY, Mqtt.V3_1_1.connect(name())),
                    frame(
                            FINAL | WebSocketPeer.BINARY,
                            Mqtt.V3_1_1.publish(Capture.WITNESSES + "smuggled", 0, 0, "x")));
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
        }
        assertNeverCaptured("smuggled");
    }

    @Test
    void requests_whose_head_has_no_end_are_closed_soon() throws Exception {
        for (String line : List.of("X-Filler: " + "x".repeat(1_000) + "\r\n", "x".repeat(1_000))) {
            Peer peer = attacker(Peer.at(broker().port("ws")));
            boolean taken = peer.trySend("GET /mqtt HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 20_000 && taken; i++) {
                taken = peer.trySend(line.getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(taken).as("the broker took 20 MB of a head").isFalse();
        }
    }

    @Test
    void a_body_without_end_to_another_path_is_not_read() throws Exception {
        Peer peer = attacker(Peer.at(broker().port("ws")));
        peer.trySend("POST /other HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        byte[] chunk = new Bytes()
                .raw("ffff\r\n".getBytes(StandardCharsets.US_ASCII))
                .raw(new byte[65_535])
                .raw("\r\n".getBytes(StandardCharsets.US_ASCII))
                .array();
        boolean taken = true;
        for (int i = 0; i < 500 && taken; i++) {
            taken = peer.trySend(chunk);
        }
        assertThat(taken).as("the broker took 30 MB").isFalse();
    }

    @Test
    void handshakes_by_the_thousand_leave_nothing() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            try (WebSocketPeer peer = WebSocketPeer.open(broker().port("ws"))) {
                if (i % 2 == 0) {
                    peer.peer().reset();
                }
            }
        }
    }

    @Test
    void a_page_of_another_origin_is_kept_out() throws Exception {
        Peer peer = attacker(Peer.at(broker().port("ws")));
        String request =
                WebSocketPeer.upgrade("/mqtt").replace("Upgrade: w", "Origin: http://evil.example\r\nUpgrade: w");
        assertThat(WebSocketPeer.request(peer, request)).startsWith("HTTP/1.1 403 ");
    }
}
