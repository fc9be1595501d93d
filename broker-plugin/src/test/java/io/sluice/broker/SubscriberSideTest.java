package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a subscriber asks for, and gets: identifiers, limits, and no echo. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class SubscriberSideTest extends WithSubscribers {

    // --- Deliveries

    /** [MQTT-3.3.4-3], [MQTT-3.3.4-4]. */
    @Test
    void a_message_that_several_subscriptions_of_a_client_match_comes_with_the_identifiers_of_all() throws Exception {
        try (Peer peer = Peer.connected(broker.port(), V5, "raw")) {
            peer.send(
                    subscribe(1, "t", 2),
                    subscribe(2, "t/#", 268_435_455),
                    subscribe(3, "+", 300),
                    V5.subscribe(4, 1, "#"));
            for (int i = 0; i < 4; i++) {
                peer.next(Mqtt.SUBACK);
            }
            publish("t", "m");
            List<Integer> identifiers = new ArrayList<>();
            Peer.Received publish = peer.next(Mqtt.PUBLISH);
            identifiers(publish, identifiers);
            while (identifiers.size() < 3) {
                // One message for each subscription is allowed, too.
                identifiers(peer.next(Mqtt.PUBLISH), identifiers);
            }
            assertThat(identifiers).containsExactlyInAnyOrder(2, 268_435_455, 300);
        }
    }

    private static void identifiers(Peer.Received publish, List<Integer> into) {
        byte[] body = publish.body();
        int at = 4 + topicLength(publish);
        int end = at + 1 + body[at];
        at++;
        while (at < end && body[at] == 0x0B) {
            at++;
            int value = 0;
            int shift = 0;
            do {
                value |= (body[at] & 0x7F) << shift;
                shift += 7;
            } while ((body[at++] & 0x80) != 0);
            into.add(value);
        }
    }

    /** [MQTT-3.3.2-14], [MQTT-4.7.3-1]: a client that is sent such a message takes it for malformed, and disconnects. */
    @ParameterizedTest
    @ValueSource(strings = {"a/#", ""})
    void no_client_takes_a_subscriber_its_connection_by_a_response_topic_that_is_none(String topic) throws Exception {
        Subscriber subscriber = new Subscriber("x", true, 0).subscribe("t", 0);
        try (Peer peer = Peer.at(broker.port())) {
            peer.send(new Bytes()
                    .raw(V5.connectHead(Mqtt.CLEAN | 0x04, 60))
                    .properties(new Bytes())
                    .text("with a will")
                    .properties(Bytes.of(8).text(topic))
                    .text("t")
                    .text("gone")
                    .packet(0x10));
            assertThat(peer.next().body()[1]).isEqualTo((byte) 0x82);
        }
        try (Peer peer = publisher()) {
            peer.send(V5.publish("t", 2, 1, Bytes.of(8).text(topic), new byte[1]));
            assertThat(peer.next(Mqtt.DISCONNECTED).body()[0]).isEqualTo((byte) 0x82);
        }
        publish("t", "m");
        assertThat(subscriber.take(1)).containsExactly("m");
    }

    /** [MQTT-3.1.2-24], [MQTT-3.1.2-25]. */
    @Test
    void a_message_larger_than_the_client_takes_is_not_sent_and_what_follows_is() throws Exception {
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(
                    V5.connect("x", Mqtt.CLEAN, Bytes.of(0x27).u32(64).u8(0x21).u16(2)));
            peer.send(V5.subscribe(1, 1, "t"));
            peer.next(Mqtt.SUBACK);
            for (int i = 0; i < 5; i++) {
                publish("t", "x".repeat(64));
            }
            // Those that were not sent take no place in Receive Maximum.
            for (int i = 0; i < 3; i++) {
                publish("t", "small " + i);
                Peer.Received small = peer.next(Mqtt.PUBLISH);
                assertThat(payload(small)).isEqualTo("small " + i);
                peer.send(Mqtt.puback(packetId(small)));
            }
        }
    }

    /** [MQTT-3.1.2-24]: the first message under an alias is longer than without, and so is each one with a short topic. */
    @Test
    void a_topic_alias_makes_no_packet_larger_than_the_client_takes() throws Exception {
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(
                    V5.connect("x", Mqtt.CLEAN, Bytes.of(0x27).u32(64).u8(0x22).u16(10)));
            peer.send(V5.subscribe(1, 1, "t"));
            peer.next(Mqtt.SUBACK);
            for (int length = 50; length <= 56; length++) {
                publish("t", "x".repeat(length));
                Peer.Received publish = peer.next(Mqtt.PUBLISH);
                assertThat(2 + publish.body().length).as("bytes of the packet").isLessThanOrEqualTo(64);
                assertThat(new String(publish.body(), UTF_8)).endsWith("x".repeat(length));
            }
        }
    }

    /** [MQTT-3.1.2-24], [MQTT-3.1.2-25]. */
    @Test
    void a_client_that_is_back_and_takes_less_is_not_sent_again_what_is_too_large_now() throws Exception {
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(V5.connectPersistent("x"));
            peer.send(V5.subscribe(1, 1, "t"));
            peer.next(Mqtt.SUBACK);
            publish("t", "x".repeat(64));
            publish("t", "small");
            peer.next(Mqtt.PUBLISH);
            peer.next(Mqtt.PUBLISH);
        }
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(V5.connect("x", 0, Bytes.of(0x11).u32(3_600).u8(0x27).u32(64)));
            Peer.Received small = peer.next(Mqtt.PUBLISH);
            assertThat(payload(small)).isEqualTo("small");
            peer.send(Mqtt.puback(packetId(small)));
            publish("t", "next");
            assertThat(payload(peer.next(Mqtt.PUBLISH))).isEqualTo("next");
        }
    }

    /** [MQTT-3.3.4-9]. */
    @Test
    void no_more_is_in_flight_than_the_client_takes() throws Exception {
        try (Peer peer = Peer.at(broker.port())) {
            peer.connect(V5.connect("x", Mqtt.CLEAN, Bytes.of(0x21).u16(3)));
            peer.send(V5.subscribe(1, 1, "t"));
            peer.next(Mqtt.SUBACK);
            for (int i = 0; i < 10; i++) {
                publish("t", Integer.toString(i));
            }
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Peer.Received publish = peer.next(Mqtt.PUBLISH);
                ids.add(packetId(publish));
                assertThat(payload(publish)).isEqualTo(Integer.toString(i));
            }
            assertThat(peer.next(NOTHING)).isEmpty();
            peer.send(Mqtt.puback(ids.get(0)));
            assertThat(payload(peer.next(Mqtt.PUBLISH))).isEqualTo("3");
        }
    }

    @Test
    void a_subscriber_hears_nothing_of_its_own_if_it_wants_so_and_the_retain_flag_if_it_wants_that() throws Exception {
        try (Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(
                    V5.subscribe(1, 1 | 4, "local"),
                    V5.subscribe(2, 1 | 8, "as published"),
                    V5.subscribe(3, 1, "usual"));
            for (int i = 0; i < 3; i++) {
                peer.next(Mqtt.SUBACK);
            }
            peer.send(V5.publish("local", 1, 1, "x"));
            assertThat(peer.next().type()).isEqualTo(Mqtt.PUBACK);
            publish(V5.publishRetained("as published", 1, 1, "x"));
            assertThat(peer.next().firstByte() & 1).isEqualTo(1);
            publish(V5.publishRetained("usual", 1, 1, "x"));
            assertThat(peer.next().firstByte() & 1).isZero();
        }
    }
}
