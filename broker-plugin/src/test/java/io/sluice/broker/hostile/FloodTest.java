package io.sluice.broker.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Much of what is allowed: each of it is bounded, and what is refused is refused to the one who asks. */
class FloodTest extends HostileTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long A_FEW_MEGABYTES = 24 << 20;

    private Peer connected(Mqtt version) throws Exception {
        return attacker(Peer.connected(broker().port(), version, name()));
    }

    @Test
    void three_thousand_subscribes_in_one_write_are_all_answered() throws Exception {
        Peer peer = connected(Mqtt.V3_1_1);
        Bytes all = new Bytes();
        for (int id = 1; id <= 3_000; id++) {
            all.raw(Mqtt.V3_1_1.subscribe(id, 0, "evil/x"));
        }
        peer.send(all.array());
        for (int id = 1; id <= 3_000; id++) {
            assertThat(peer.next().packetId()).isEqualTo(id);
        }
    }

    @Test
    void an_address_that_connects_without_end_is_closed_before_it_costs_much() throws Exception {
        for (int i = 0; i < 3_000; i++) {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress("127.0.0.9", 0));
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker().port()));
            }
        }
    }

    @Test
    void small_unsubscribes_do_not_stop_the_reading_for_good() throws Exception {
        Peer peer = connected(Mqtt.V5);
        Bytes all = new Bytes();
        for (int id = 1; id <= 20_000; id++) {
            all.raw(Mqtt.V5.unsubscribe(id, "x"));
        }
        Thread sender = new Thread(() -> peer.trySend(all.array()));
        sender.start();
        for (int id = 1; id <= 20_000; id++) {
            assertThat(peer.next().packetId()).isEqualTo(id);
        }
        sender.join();
        peer.send(Mqtt.pingreq());
        assertThat(peer.next().type()).isEqualTo(Mqtt.PINGRESP);
    }

    @Test
    void the_subscriptions_of_a_client_are_bounded_and_end_with_it() throws Exception {
        for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
            Peer peer = connected(version);
            String id = name();
            for (int i = 0; i < 300; i++) {
                String[] filters = new String[100];
                for (int j = 0; j < filters.length; j++) {
                    filters[j] = id + "/" + i + "/" + j + "/" + "x".repeat(500);
                }
                if (!peer.trySend(version.subscribe(1 + i, 0, filters)) || !answers(peer)) {
                    break;
                }
            }
        }
    }

    /** Whether anything comes before the broker closes. */
    private static boolean answers(Peer peer) {
        try {
            return peer.next(PATIENCE).isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void subscribes_with_ten_thousand_filters_each_are_bounded() throws Exception {
        Peer peer = connected(Mqtt.V3_1_1);
        String[] filters = new String[10_000];
        for (int i = 0; i < filters.length; i++) {
            filters[i] = "f/" + i + "/+/#";
        }
        for (int i = 1; i <= 10 && peer.trySend(Mqtt.V3_1_1.subscribe(i, 0, filters)) && answers(peer); i++) {
            assertThat(broker().isAlive()).isTrue();
        }
    }

    @Test
    void half_a_megabyte_of_short_filters_costs_no_more_for_each_the_more_there_are() throws Exception {
        String[] filters = new String[60_000];
        for (int i = 0; i < filters.length; i++) {
            filters[i] = Integer.toString(i, Character.MAX_RADIX);
        }
        // So that one of them is on the event loop of each who does nothing wrong.
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            Peer peer = connected(Mqtt.V5);
            peer.send(Mqtt.V5.subscribe(1, 0, filters));
            assertThat(peer.next(Mqtt.SUBACK).packetId()).isEqualTo(1);
            peer.send(Mqtt.V5.unsubscribe(2, filters));
            assertThat(peer.next(Mqtt.UNSUBACK).packetId()).isEqualTo(2);
        }
    }

    @Test
    void topics_and_filters_of_thirty_thousand_levels_overflow_no_stack() throws Exception {
        // CVE-2019-11779.
        String deep = "/".repeat(65_000);
        String wild = "+/".repeat(32_000) + "#";
        for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
            for (byte[] packet : List.of(
                    version.subscribe(1, 1, deep),
                    version.subscribe(1, 1, wild),
                    version.unsubscribe(1, deep),
                    version.publish(deep, 1, 1, "x"),
                    version.publishRetained(deep, 1, 1, "x"),
                    version.publishRetained(deep, 1, 1, ""))) {
                Peer peer = connected(version);
                if (peer.trySend(packet)) {
                    answers(peer);
                }
            }
            try (Peer peer = Peer.at(broker().port())) {
                if (peer.trySend(version.connectWithWill(name(), 1, deep, new byte[1]))) {
                    answers(peer);
                }
            }
        }
    }

    @Test
    void long_topics_that_are_all_different_are_not_remembered() throws Exception {
        Peer peer = connected(Mqtt.V3_1_1);
        String id = name();
        publishAll(peer, 600, i -> Mqtt.V3_1_1.publish(id + "x".repeat(60_000) + i, 1, i, ""));
    }

    @Test
    void a_megabyte_of_user_properties_in_each_message_is_no_more_than_a_megabyte() throws Exception {
        Peer peer = connected(Mqtt.V5);
        byte[] few =
                Bytes.repeated(Bytes.of(0x26).text("k").text("v".repeat(30_000)).array(), 30);
        byte[] many = Bytes.repeated(Bytes.of(0x26).u16(0).u16(0).array(), 150_000);
        for (byte[] properties : List.of(few, many)) {
            for (int i = 1; i <= 4; i++) {
                if (peer.trySend(Mqtt.V5.publish("evil/p", 2, i, new Bytes().raw(properties), new byte[0]))) {
                    answers(peer);
                }
            }
        }
    }

    /** Publishes at QoS 1, 200 messages at a time, and waits for each PUBACK. */
    private static void publishAll(Peer peer, int count, IntFunction<byte[]> publish) throws IOException {
        for (int from = 1; from <= count; from += 200) {
            int to = Math.min(count + 1, from + 200);
            Bytes all = new Bytes();
            for (int i = from; i < to; i++) {
                all.raw(publish.apply(i));
            }
            peer.send(all.array());
            for (int i = from; i < to; i++) {
                assertThat(peer.next(Mqtt.PUBACK).packetId()).isEqualTo(i);
            }
        }
    }

    @Test
    void retained_messages_on_ever_new_topics_are_bounded() throws Exception {
        mayKeep(48 << 20);
        String id = name();
        int topics = 6_000;
        try (Peer peer = Peer.connected(broker().port(), Mqtt.V5, name())) {
            for (String payload : List.of("x".repeat(5_000), "")) {
                publishAll(peer, topics, i -> Mqtt.V5.publishRetained("evil/" + id + "/" + i, 1, i, payload));
                assertThat(broker().isAlive()).isTrue();
            }
        }
    }

    @Test
    void persistent_sessions_of_ever_new_clients_are_bounded() throws Exception {
        mayKeep(A_FEW_MEGABYTES);
        String id = name();
        for (int i = 0; i < 500; i++) {
            try (Peer peer = Peer.at(broker().port())) {
                peer.send(
                        Mqtt.V5.connect(id + "-" + i, 0, Bytes.of(0x11).u32(2)),
                        Mqtt.V5.subscribe(1, 1, id + "/" + i),
                        Mqtt.disconnect());
                if (i % 100 == 99) {
                    peer.isClosedWithin(PATIENCE);
                }
            }
        }
    }

    @Test
    void what_waits_for_an_offline_session_is_bounded() throws Exception {
        mayKeep(48 << 20);
        String topic = "evil/" + name();
        String offline = name();
        try (Peer subscriber = Peer.at(broker().port())) {
            subscriber.connect(Mqtt.V5.connectPersistent(offline));
            subscriber.send(Mqtt.V5.subscribe(1, 1, topic));
            subscriber.next(Mqtt.SUBACK);
            subscriber.send(Mqtt.disconnect());
        }
        Peer publisher = connected(Mqtt.V3_1_1);
        String payload = "x".repeat(700_000);
        for (int i = 0; i < 400; i++) {
            publisher.send(Mqtt.V3_1_1.publish(topic, 1, 1, payload));
            publisher.next(Mqtt.PUBACK);
        }
        assertThat(broker().isAlive()).isTrue();
        attacker(Peer.connected(broker().port(), Mqtt.V5, offline));
    }

    @Test
    void small_messages_that_wait_pin_no_large_read_buffers() throws Exception {
        mayKeep(8 << 20);
        String topic = "evil/" + name();
        String offline = name();
        try (Peer subscriber = Peer.at(broker().port())) {
            subscriber.connect(Mqtt.V5.connectPersistent(offline));
            subscriber.send(Mqtt.V5.subscribe(1, 1, topic));
            subscriber.next(Mqtt.SUBACK);
            subscriber.send(Mqtt.disconnect());
        }
        Peer publisher = connected(Mqtt.V3_1_1);
        publishAll(
                publisher,
                1_000,
                i -> Mqtt.V3_1_1.publish(
                        i % 2 == 0 ? topic : "evil/other", 1, i, i % 2 == 0 ? "x" : "x".repeat(60_000)));
        assertThat(broker().held().direct()).isLessThan(8 << 20);
        attacker(Peer.connected(broker().port(), Mqtt.V5, offline));
    }

    @Test
    void wills_of_many_clients_are_counted_with_their_size() throws Exception {
        byte[] will = new byte[60_000];
        String id = name();
        for (int i = 0; i < 2_000; i++) {
            Peer peer = attacker(Peer.at(broker().port()));
            if (!peer.trySend(Mqtt.V5.connectWithWill(id + "-" + i, 1, "evil/will", will))) {
                break;
            }
        }
        assertThat(broker().isAlive()).isTrue();
    }

    @Test
    void delayed_wills_of_clients_that_vanish_are_bounded_and_the_others_published_at_once() throws Exception {
        isTheBrokersLast();
        mayKeep(64 << 20);
        byte[] will = new byte[60_000];
        String topic = "evil/" + name();
        int clients = 4_000;
        Peer subscriber = connected(Mqtt.V5);
        subscriber.send(Mqtt.V5.subscribe(1, 0, topic + "/" + clients));
        subscriber.next(Mqtt.SUBACK);
        for (int i = 1; i <= clients; i++) {
            try (Peer peer = Peer.at(broker().port())) {
                peer.connect(withDelayedWill(name(), topic + "/" + i, will));
                peer.reset();
            }
        }
        assertThat(subscriber.next(Mqtt.PUBLISH).body()).hasSizeGreaterThan(will.length);
    }

    /** CONNECT with a will that waits for a day, as its session does. */
    private static byte[] withDelayedWill(String clientId, String topic, byte[] will) {
        int day = 86_400;
        return Mqtt.V5
                .connectHead(0x04, 60)
                .properties(Bytes.of(0x11).u32(day))
                .text(clientId)
                .properties(Bytes.of(0x18).u32(day))
                .text(topic)
                .binary(will)
                .packet(0x10);
    }

    @Test
    void clients_that_take_over_each_other_in_a_storm_end_as_one() throws Exception {
        String id = name();
        byte[] will = "gone".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 500; i++) {
            Peer peer = attacker(Peer.at(broker().port()));
            Mqtt version = i % 2 == 0 ? Mqtt.V3_1_1 : Mqtt.V5;
            peer.trySend(
                    version.connectWithWill(id, 1, "evil/" + id, will),
                    version.publish("evil/" + id, 1, 1, "x"),
                    version.subscribe(2, 1, "evil/" + id));
        }
        // Which of the storm is accepted last is not said: it may come behind this one.
        await().ignoreExceptions().untilAsserted(() -> {
            Peer last = attacker(Peer.connected(broker().port(), Mqtt.V3_1_1, id));
            last.send(Mqtt.pingreq());
            assertThat(last.next(Mqtt.PINGRESP).type()).isEqualTo(Mqtt.PINGRESP);
        });
    }

    @Test
    void all_packet_ids_outstanding_at_qos_2_are_the_publishers_own_trouble() throws Exception {
        for (Mqtt version : List.of(Mqtt.V3_1_1, Mqtt.V5)) {
            Peer peer = connected(version);
            Thread reader = new Thread(() -> {
                try {
                    peer.isClosedWithin(Duration.ofSeconds(20));
                } catch (IOException e) {
                    // Closed.
                }
            });
            reader.setDaemon(true);
            reader.start();
            for (int from = 1; from <= 65_535; from += 1_000) {
                Bytes publishes = new Bytes();
                for (int id = from; id < Math.min(from + 1_000, 65_536); id++) {
                    publishes.raw(version.publish("evil/q2", 2, id, "x"));
                }
                if (!peer.trySend(publishes.array())) {
                    break;
                }
            }
        }
    }

    @Test
    void one_packet_id_at_qos_2_that_is_never_released_holds_one_message() throws Exception {
        // CVE-2023-28366.
        Peer peer = connected(Mqtt.V3_1_1);
        for (int i = 0; i < 200; i++) {
            peer.send(Mqtt.V3_1_1.publish("evil/q2", 2, 7, i + "x".repeat(60_000)));
            peer.next(Mqtt.PUBREC);
        }
    }

    @Test
    void a_subscriber_that_acknowledges_nothing_does_not_hold_up_others() throws Exception {
        String topic = "evil/" + name();
        Peer subscriber = connected(Mqtt.V3_1_1);
        subscriber.send(Mqtt.V3_1_1.subscribe(1, 2, topic));
        subscriber.next(Mqtt.SUBACK);
        Peer publisher = connected(Mqtt.V3_1_1);
        publishAll(publisher, 3_000, i -> Mqtt.V3_1_1.publish(topic, 1, i, "x"));
        assertThat(broker().isAlive()).isTrue();
    }

    @Test
    void one_publisher_with_thousands_of_subscribers_to_the_same_topic_keeps_the_others_going() throws Exception {
        String topic = "evil/" + name();
        for (int i = 0; i < 300; i++) {
            Peer subscriber = connected(Mqtt.V3_1_1);
            subscriber.send(Mqtt.V3_1_1.subscribe(1, 0, topic));
            subscriber.next(Mqtt.SUBACK);
        }
        Peer publisher = connected(Mqtt.V3_1_1);
        publisher.flood(Bytes.repeated(Mqtt.V3_1_1.publish(topic, 0, 0, "x".repeat(1_000)), 100), PATIENCE);
    }

    @Test
    void sessions_that_subscribe_publish_and_leave_in_every_order_leave_nothing() throws Exception {
        // CVE-2024-8376.
        String id = name();
        for (int i = 0; i < 500; i++) {
            Mqtt version = i % 2 == 0 ? Mqtt.V3_1_1 : Mqtt.V5;
            List<byte[]> packets = List.of(
                    version.subscribe(1, 2, id + "/#"),
                    version.publish(id + "/x", 1, 2, "x"),
                    version.unsubscribe(3, id + "/#"),
                    version.publish(id + "/y", 2, 4, "y"),
                    version.subscribe(5, 1, id + "/+"));
            Bytes all = new Bytes().raw(version.connect(id + i % 10));
            for (int j = 0; j < packets.size(); j++) {
                all.raw(packets.get((i + j * 3) % packets.size()));
            }
            try (Peer peer = Peer.at(broker().port())) {
                peer.trySend(all.raw(Mqtt.disconnect()).array());
                if (i % 3 > 0) {
                    peer.isClosedWithin(PATIENCE);
                }
            }
        }
    }
}
