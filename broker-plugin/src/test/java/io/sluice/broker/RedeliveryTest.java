package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V5;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a subscriber did not acknowledge is sent again. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class RedeliveryTest extends WithSubscribers {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    // --- Redelivery

    /** [MQTT-4.4.0-1], [MQTT-4.6.0-1], [MQTT-3.3.1-1]. */
    @ParameterizedTest
    @EnumSource(
            value = Mqtt.class,
            names = {"V3_1_1", "V5"})
    void what_was_in_flight_is_sent_again_under_its_ids_with_dup_and_in_its_order(Mqtt version) throws Exception {
        List<Integer> ids = new ArrayList<>();
        try (Peer subscriber = Peer.at(broker.port())) {
            subscriber.connect(version.connectPersistent("x"));
            subscriber.send(version.subscribe(1, 2, "t"));
            subscriber.next(Mqtt.SUBACK);
            for (int i = 0; i < 10; i++) {
                publish("t", Integer.toString(i));
                Peer.Received publish = subscriber.next(Mqtt.PUBLISH);
                assertThat(publish.firstByte() & 0x08).isZero();
                ids.add(packetId(publish));
            }
        }
        try (Peer again = Peer.at(broker.port())) {
            again.connect(version.connectPersistent("x"));
            for (int i = 0; i < 10; i++) {
                Peer.Received publish = again.next(AT_ONCE).orElseThrow();
                assertThat(publish.type()).isEqualTo(Mqtt.PUBLISH);
                assertThat(publish.firstByte() & 0x08).as("DUP").isEqualTo(0x08);
                assertThat(packetId(publish)).isEqualTo(ids.get(i));
                assertThat(payload(publish)).isEqualTo(Integer.toString(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mqtt.class,
            names = {"V3_1_1", "V5"})
    void a_pubrel_that_was_not_answered_is_sent_again_and_the_publish_is_not(Mqtt version) throws Exception {
        int id;
        try (Peer subscriber = Peer.at(broker.port())) {
            subscriber.connect(version.connectPersistent("x"));
            subscriber.send(version.subscribe(1, 2, "t"));
            subscriber.next(Mqtt.SUBACK);
            try (Peer peer = publisher()) {
                peer.send(V5.publish("t", 2, 1, "m"), Mqtt.pubrel(1));
                peer.next(Mqtt.PUBCOMP);
            }
            id = packetId(subscriber.next(Mqtt.PUBLISH));
            subscriber.send(Mqtt.pubrec(id));
            assertThat(subscriber.next().packetId()).isEqualTo(id);
        }
        try (Peer again = Peer.at(broker.port())) {
            again.connect(version.connectPersistent("x"));
            Peer.Received pubrel = again.next();
            assertThat(pubrel.firstByte()).isEqualTo(0x62);
            assertThat(pubrel.packetId()).isEqualTo(id);
            again.send(Mqtt.pubcomp(id));
            assertThat(again.next(NOTHING)).isEmpty();
        }
    }

    /** [MQTT-2.2.1-4]: an identifier is in use until it is acknowledged, also across connections. */
    @ParameterizedTest
    @EnumSource(
            value = Mqtt.class,
            names = {"V3_1_1", "V5"})
    void a_message_that_comes_after_a_reconnect_takes_no_identifier_that_is_in_use(Mqtt version) throws Exception {
        try (Peer subscriber = Peer.at(broker.port())) {
            subscriber.connect(version.connectPersistent("x"));
            subscriber.send(version.subscribe(1, 1, "t"));
            subscriber.next(Mqtt.SUBACK);
            publish("t", "first");
            subscriber.next(Mqtt.PUBLISH);
        }
        publish("t", "second");
        try (Peer again = Peer.at(broker.port())) {
            again.connect(version.connectPersistent("x"));
            publish("t", "third");
            List<Integer> ids = new ArrayList<>();
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Peer.Received publish = again.next(Mqtt.PUBLISH);
                ids.add(packetId(publish));
                texts.add(payload(publish));
            }
            assertThat(texts).containsExactly("first", "second", "third");
            assertThat(ids).doesNotHaveDuplicates();
        }
    }
}
