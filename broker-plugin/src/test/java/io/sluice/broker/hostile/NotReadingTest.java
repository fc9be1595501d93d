package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.raw.WebSocketPeer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.record.Lanes;
import io.sluice.message.TopicFilter;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.RemoteAttachment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that send and do not read: what they are owed must not pile up. */
class NotReadingTest extends HostileTest {

    private static final Duration FLOOD = Duration.ofMillis(1_500);
    /** Longer than the broker waits for one who reads nothing. */
    private static final Duration LONG_FLOOD = Duration.ofMillis(3_500);

    private static final long MOST_DIRECT = 48 << 20;
    /** What 150,000 answers take on the heap, each 56 bytes. */
    private static final long LEFT_ANSWERS = 8 << 20;

    private void flood(Peer peer, byte[] bytes) throws InterruptedException {
        flood(peer, bytes, FLOOD);
    }

    private void flood(Peer peer, byte[] bytes, Duration time) throws InterruptedException {
        peer.flood(bytes, time);
        assertThat(broker().isAlive()).as("the broker lives").isTrue();
        assertThat(broker().held().direct())
                .as("direct memory during the flood")
                .isLessThan(MOST_DIRECT);
    }

    private Peer connected(Mqtt version) throws Exception {
        Peer peer = attacker(Peer.thatReadsLittle(broker().port()));
        peer.connect(version.connect(name()));
        return peer;
    }

    @Test
    void pings() throws Exception {
        flood(connected(Mqtt.V3_1_1), Bytes.repeated(Mqtt.pingreq(), 50_000));
    }

    @Test
    void publishes_at_qos_1() throws Exception {
        flood(connected(Mqtt.V3_1_1), Bytes.repeated(Mqtt.V3_1_1.publish("evil/x", 1, 1, "x"), 10_000));
    }

    @Test
    @Tag("nightly")
    void publishes_at_qos_2() throws Exception {
        Bytes publishes = new Bytes();
        for (int id = 1; id < 5_000; id++) {
            publishes.raw(Mqtt.V5.publish("evil/x", 2, id, "x")).raw(Mqtt.pubrel(id));
        }
        flood(connected(Mqtt.V5), publishes.array());
    }

    /** No connector ever says that Kafka has what it publishes; for this one the buffer keeps all that follows. */
    @Test
    void comes_again_and_again_and_is_owed_a_thousand_answers_each_time() throws Exception {
        isTheBrokersLast();
        String name = name();
        attacker(RemoteAttachment.attach(
                BufferEndpoint.of("tcp://127.0.0.1:" + broker().drainPort()),
                BufferCredentials.NONE,
                new AttachRequest(name, List.of(TopicFilter.of("evil/" + name)), AckMode.DELIVERED, Lanes.ALL)));
        comeAndGo(name, 20);
        long heap = broker().held().heap();
        comeAndGo(name, 150);
        await().untilAsserted(
                        () -> assertThat(broker().held().heap()).as("heap").isLessThan(heap + LEFT_ANSWERS / 2));
    }

    private static void comeAndGo(String name, int times) throws Exception {
        byte[] publishes = Bytes.repeated(Mqtt.V3_1_1.publish("evil/" + name, 1, 1, "x"), 1_000);
        for (int i = 0; i < times; i++) {
            try (Peer peer = Peer.connected(broker().port(), Mqtt.V3_1_1, name)) {
                peer.send(publishes, Mqtt.pingreq());
                assertThat(peer.next().type()).as("nothing is acknowledged").isEqualTo(Mqtt.PINGRESP);
            }
        }
    }

    @Test
    @Tag("nightly")
    void publishes_that_are_refused() throws Exception {
        flood(connected(Mqtt.V5), Bytes.repeated(Mqtt.V5.publish("$SYS/evil", 1, 1, "x"), 10_000));
    }

    @Test
    void subscribes_and_unsubscribes() throws Exception {
        byte[] both = new Bytes()
                .raw(Mqtt.V5.subscribe(1, 0, "evil/a", "evil/b", "evil/c"))
                .raw(Mqtt.V5.unsubscribe(2, "evil/a", "evil/b", "evil/c"))
                .array();
        flood(connected(Mqtt.V5), Bytes.repeated(both, 1_000));
    }

    @Test
    void subscribes_to_what_is_retained() throws Exception {
        String topic = "evil/" + name();
        try (Peer publisher = Peer.connected(broker().port(), Mqtt.V3_1_1, name())) {
            publisher.send(Mqtt.V3_1_1.publishRetained(topic, 1, 1, "x".repeat(100_000)));
            publisher.next(Mqtt.PUBACK);
            flood(connected(Mqtt.V3_1_1), Bytes.repeated(Mqtt.V3_1_1.subscribe(1, 0, topic), 500));
            publisher.send(Mqtt.V3_1_1.publishRetained(topic, 1, 2, ""));
            publisher.next(Mqtt.PUBACK);
        }
    }

    @Test
    void is_sent_what_itself_and_others_publish() throws Exception {
        String topic = "evil/" + name();
        for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
            for (int qos = 0; qos < 3; qos++) {
                Peer subscriber = connected(version);
                subscriber.send(version.subscribe(1, qos, topic));
                subscriber.next(Mqtt.SUBACK);
            }
        }
        Peer publisher = attacker(Peer.connected(broker().port(), Mqtt.V3_1_1, name()));
        flood(publisher, Bytes.repeated(Mqtt.V3_1_1.publish(topic, 0, 0, "x".repeat(20_000)), 20), LONG_FLOOD);
    }

    @Test
    void is_sent_large_messages_at_qos_1_that_it_never_acknowledges() throws Exception {
        String topic = "evil/" + name();
        Peer subscriber = connected(Mqtt.V5);
        subscriber.send(Mqtt.V5.subscribe(1, 1, topic));
        subscriber.next(Mqtt.SUBACK);
        Peer publisher = attacker(Peer.connected(broker().port(), Mqtt.V3_1_1, name()));
        byte[] publish = Mqtt.V3_1_1.publish(topic, 1, 1, "x".repeat(500_000));
        for (int i = 0; i < 400; i++) {
            publisher.send(publish);
            publisher.next(Mqtt.PUBACK);
        }
        assertThat(broker().isAlive()).isTrue();
    }

    @Test
    @Tag("nightly")
    void pings_over_websocket() throws Exception {
        WebSocketPeer peer = attacker(WebSocketPeer.connected(broker().port("ws"), name()));
        byte[] frame = WebSocketPeer.frame(
                0x80 | WebSocketPeer.PING, true, "p".repeat(125).getBytes(StandardCharsets.US_ASCII));
        flood(peer.peer(), Bytes.repeated(frame, 10_000));
        flood(
                peer.peer(),
                WebSocketPeer.frame(0x80 | WebSocketPeer.BINARY, true, Bytes.repeated(Mqtt.pingreq(), 5_000)));
    }

    @Test
    @Tag("nightly")
    void four_clients_at_once() throws Exception {
        byte[] pings = Bytes.repeated(Mqtt.pingreq(), 100_000);
        for (int i = 0; i < 4; i++) {
            Peer peer = connected(Mqtt.V3_1_1);
            Thread sender = new Thread(() -> {
                while (peer.trySend(pings)) {
                    // Until the broker has closed, or the test.
                }
            });
            sender.setDaemon(true);
            sender.start();
        }
        flood(connected(Mqtt.V3_1_1), pings);
    }
}
