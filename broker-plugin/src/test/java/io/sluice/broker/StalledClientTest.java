package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.door.DoorStats;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that sends and does not read. */
@Timeout(60)
class StalledClientTest {

    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(1);
    /** Much less than a third of the buffer in which the broker's system keeps what the client has not read. */
    private static final int SLOW_READ_BYTES = 4_000;

    private static final int SLOW_READS = 24;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestBroker broker =
            new TestBroker.Wanted().stallTimeout(STALL_TIMEOUT).start();

    @AfterEach
    void close() {
        broker.close();
    }

    private DoorStats door() {
        return broker.broker().stats().door();
    }

    private static void pingIsAnswered(Peer peer) throws IOException {
        peer.send(Mqtt.pingreq());
        assertThat(peer.next().type()).isEqualTo(Mqtt.PINGRESP);
    }

    @Test
    void is_closed_when_it_has_read_nothing_for_as_long_as_it_may_and_others_are_served() throws Exception {
        try (Peer stalled = Peer.thatReadsLittle(broker.port());
                Peer other = Peer.connected(broker.port(), Mqtt.V5, "other")) {
            stalled.connect(Mqtt.V5.connect("stalled"));
            stalled.flood(Bytes.repeated(Mqtt.pingreq(), 100_000), PATIENCE);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(door().closedConnections()).isEqualTo(1));
            pingIsAnswered(other);
            assertThat(door().connectedClients()).isEqualTo(1);
        }
    }

    @Test
    void that_reads_again_in_time_goes_on() throws Exception {
        try (Peer slow = Peer.thatReadsLittle(broker.port())) {
            slow.connect(Mqtt.V5.connect("slow"));
            int pings = 300_000;
            Thread sender = new Thread(() -> slow.trySend(Bytes.repeated(Mqtt.pingreq(), pings)));
            sender.start();
            for (int i = 0; i < pings; i++) {
                assertThat(slow.next().type()).isEqualTo(Mqtt.PINGRESP);
            }
            sender.join();
            pingIsAnswered(slow);
            assertThat(door().closedConnections()).isZero();
        }
    }

    @Test
    void that_reads_slowly_all_the_time_goes_on() throws Exception {
        try (Peer slow = Peer.thatReadsLittle(broker.port());
                Peer publisher = Peer.connected(broker.port(), Mqtt.V5, "publisher")) {
            slow.connect(Mqtt.V5.connect("slow"));
            slow.send(Mqtt.V5.subscribe(1, 1, "t"));
            slow.next(Mqtt.SUBACK);
            for (int i = 0; i < 100; i++) {
                publisher.send(Mqtt.V5.publish("t", 1, 1, "x".repeat(100_000)));
                publisher.next(Mqtt.PUBACK);
            }
            await().atMost(PATIENCE)
                    .pollInterval(STALL_TIMEOUT.dividedBy(4))
                    .until(new AtomicInteger()::incrementAndGet, reads -> {
                        assertThat(readSome(slow)).hasSize(SLOW_READ_BYTES);
                        return reads == SLOW_READS;
                    });
            assertThat(door().closedConnections()).isZero();
        }
    }

    private static byte[] readSome(Peer peer) {
        try {
            return peer.socket().getInputStream().readNBytes(SLOW_READ_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
