package io.sluice.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.raw.WebSocketPeer;
import io.sluice.tls.TlsConfig;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a connection may take from accept to the last byte of CONNECT, whatever comes between. */
class ConnectTimeoutTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Every byte comes before this, and all of them together take longer than the timeout. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final int BEGINNING = 20;

    @TempDir
    private static Path dir;

    @Test
    void who_does_not_send_a_whole_connect_is_closed_in_time_on_every_listener_even_if_bytes_trickle_in()
            throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("broker");
        byte[] connect = Mqtt.V5.connect("a".repeat(400));
        Map<Transport, byte[]> begun = Map.of(
                Transport.TCP, connect,
                Transport.SSL, clientHello(),
                Transport.WS, WebSocketPeer.upgrade("/mqtt").getBytes(US_ASCII));
        List<Peer> silent = new ArrayList<>();
        List<Peer> trickling = new ArrayList<>();
        try (TestBroker broker = new TestBroker.Wanted()
                        .listeners("tcp://127.0.0.1:0", "ssl://127.0.0.1:0", "ws://127.0.0.1:0")
                        .tls(new TlsConfig(
                                keys.store("broker"), Optional.empty(), Optional.empty(), TlsConfig.ClientAuth.NONE))
                        .connectTimeout(TIMEOUT)
                        .start();
                Peer connected = Peer.connected(broker.port(), Mqtt.V5, "connected")) {
            long start = System.nanoTime();
            for (Map.Entry<Transport, byte[]> listener : begun.entrySet()) {
                int port = broker.port(listener.getKey());
                silent.add(Peer.at(port));
                Peer peer = Peer.at(port);
                peer.send(Arrays.copyOf(listener.getValue(), BEGINNING));
                trickling.add(peer);
            }
            silent.add(WebSocketPeer.open(broker.port(Transport.WS)).peer());

            byte[] rest = Arrays.copyOfRange(connect, BEGINNING, connect.length);
            long deadline = start + PATIENCE.toNanos();
            for (int i = 0;
                    i < rest.length && System.nanoTime() < deadline && !allClosed(trickling, Duration.ofMillis(1));
                    i++) {
                for (Peer peer : trickling) {
                    peer.trySend(new byte[] {rest[i]});
                }
                assertThat(connected.isClosedWithin(PAUSE)).isFalse();
            }

            assertThat(allClosed(trickling, AT_ONCE)).isTrue();
            assertThat(allClosed(silent, AT_ONCE)).isTrue();
            assertThat(System.nanoTime() - start).isGreaterThan(TIMEOUT.toNanos());
        } finally {
            silent.forEach(Peer::close);
            trickling.forEach(Peer::close);
        }
    }

    private static boolean allClosed(List<Peer> peers, Duration patience) throws SocketException {
        for (Peer peer : peers) {
            if (!peer.isClosedWithin(patience)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] clientHello() throws IOException {
        return Bytes.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3)
                .raw(new byte[400])
                .array();
    }
}
