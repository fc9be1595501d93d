package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Acknowledgements of a subscriber whose session does not expect them any more. */
@Timeout(60)
class LateAcknowledgementTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    /** More than there are threads for sessions. */
    private static final int OTHERS = 16;

    private static Peer subscriber(TestBroker broker) throws IOException {
        Peer subscriber = Peer.at(broker.port());
        subscriber.connect(Mqtt.V5.connectPersistent("subscriber"));
        subscriber.send(Mqtt.V5.subscribe(1, 2, "t/1", "t/2"));
        subscriber.next(Mqtt.SUBACK);
        return subscriber;
    }

    private static void publish(TestBroker broker, int qos) throws IOException {
        try (Peer publisher = Peer.connected(broker.port(), Mqtt.V3_1_1, "publisher")) {
            publisher.send(Mqtt.V3_1_1.publish("t/" + qos, qos, 1, "m"));
            publisher.next(qos == 1 ? Mqtt.PUBACK : Mqtt.PUBREC);
        }
    }

    /** The packet identifier of a delivery: it stands behind the topic. */
    private static int packetId(Peer.Received publish) {
        return publish.u16(2 + publish.u16(0));
    }

    private static byte[] all(int packetId) {
        return new Bytes()
                .raw(Mqtt.puback(packetId))
                .raw(Mqtt.pubrec(packetId))
                .raw(Mqtt.pubcomp(packetId))
                .array();
    }

    private static void assertServed(List<Peer> others) throws IOException {
        for (Peer other : others) {
            other.send(Mqtt.V3_1_1.subscribe(1, 0, "other"), Mqtt.V3_1_1.publish("x", 1, 2, "m"));
            // Which of the two is answered first is not said.
            Set<Integer> answers = new HashSet<>();
            answers.add(other.next().type());
            answers.add(other.next().type());
            assertThat(answers).containsExactlyInAnyOrder(Mqtt.SUBACK, Mqtt.PUBACK);
        }
    }

    private static List<Peer> others(TestBroker broker) throws IOException {
        List<Peer> others = new ArrayList<>();
        for (int i = 0; i < OTHERS; i++) {
            others.add(Peer.connected(broker.port(), Mqtt.V3_1_1, "other-" + i));
        }
        return others;
    }

    @Test
    void behind_disconnect_they_count_for_nothing_and_harm_nobody() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<Peer> others = others(broker);
            for (int qos = 1; qos <= 2; qos++) {
                try (Peer subscriber = subscriber(broker)) {
                    publish(broker, qos);
                    int packetId = packetId(subscriber.next(Mqtt.PUBLISH));
                    subscriber.send(new Bytes()
                            .raw(Mqtt.disconnect())
                            .raw(all(packetId))
                            .array());
                    assertThat(subscriber.isClosedWithin(AT_ONCE)).isTrue();
                }
                try (Peer back = Peer.at(broker.port())) {
                    back.connect(Mqtt.V5.connectPersistent("subscriber"));
                    Peer.Received again = back.next(Mqtt.PUBLISH);
                    assertThat(again.firstByte() & 0x08).as("DUP").isEqualTo(0x08);
                    back.send(qos == 1 ? Mqtt.puback(packetId(again)) : Mqtt.pubrec(packetId(again)));
                    if (qos == 2) {
                        assertThat(back.next(Mqtt.PUBREL).packetId()).isEqualTo(packetId(again));
                        back.send(Mqtt.pubcomp(packetId(again)));
                    }
                    back.send(Mqtt.pingreq());
                    back.next(Mqtt.PINGRESP);
                }
            }
            assertServed(others);
            assertThat(reader.read(OTHERS + 2)).hasSize(OTHERS + 2);
            for (Peer other : others) {
                other.close();
            }
        }
    }

    @Test
    void of_a_connection_that_is_taken_over_they_harm_nobody() throws Exception {
        int rounds = 50;
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<Peer> others = others(broker);
            for (int i = 0; i < rounds; i++) {
                int qos = 1 + i % 2;
                try (Peer former = subscriber(broker);
                        Peer successor = Peer.at(broker.port())) {
                    publish(broker, qos);
                    int packetId = packetId(former.next(Mqtt.PUBLISH));
                    successor.send(Mqtt.V5.connectPersistent("subscriber"));
                    former.trySend(all(packetId));
                    assertThat(successor.next(Mqtt.CONNACK).body()[1]).isZero();
                    successor.send(Mqtt.V5.connect("subscriber"));
                }
                try (Peer last = Peer.connected(broker.port(), Mqtt.V5, "subscriber")) {
                    last.send(Mqtt.pingreq());
                    assertThat(last.next(Mqtt.PINGRESP).body()).isEmpty();
                }
            }
            assertServed(others);
            assertThat(reader.read(OTHERS + rounds)).hasSize(OTHERS + rounds);
            for (Peer other : others) {
                other.close();
            }
        }
    }
}
