package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V3_1_1;
import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT asks of a server towards those who subscribe: sessions, queues, retained messages and deliveries. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class SubscriberSideTest {

    private static final Duration NOTHING = Duration.ofMillis(500);
    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final long HOUR = 3_600;

    private TestBroker broker;
    private final List<Mqtt5AsyncClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        broker = TestBroker.start();
    }

    @AfterEach
    void stop() {
        for (Mqtt5AsyncClient client : clients) {
            if (client.getState().isConnected()) {
                client.disconnect().join();
            }
        }
        broker.close();
    }

    /** A client of HiveMQ's, what CONNACK said, and what has come. */
    private final class Subscriber {

        private final BlockingQueue<Mqtt5Publish> received = new LinkedBlockingQueue<>();
        private final Mqtt5AsyncClient client;
        private final boolean sessionPresent;

        Subscriber(String clientId, boolean cleanStart, long expirySeconds) throws Exception {
            client = Mqtt5Client.builder()
                    .identifier(clientId)
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port())
                    .buildAsync();
            clients.add(client);
            client.publishes(MqttGlobalPublishFilter.ALL, received::add);
            Mqtt5ConnAck connack = client.connectWith()
                    .cleanStart(cleanStart)
                    .sessionExpiryInterval(expirySeconds)
                    .send()
                    .get(10, TimeUnit.SECONDS);
            sessionPresent = connack.isSessionPresent();
        }

        Subscriber subscribe(String filter, int qos) throws Exception {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.fromCode(qos))
                    .send()
                    .get(10, TimeUnit.SECONDS);
            return this;
        }

        void disconnect() throws Exception {
            client.disconnect().get(10, TimeUnit.SECONDS);
        }

        void disconnect(long expirySeconds) throws Exception {
            client.disconnectWith().sessionExpiryInterval(expirySeconds).send().get(10, TimeUnit.SECONDS);
        }

        List<String> take(int count) throws InterruptedException {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Mqtt5Publish next = received.poll(5, TimeUnit.SECONDS);
                if (next == null) {
                    break;
                }
                texts.add(text(next));
            }
            return texts;
        }

        Mqtt5Publish next() throws InterruptedException {
            Mqtt5Publish next = received.poll(5, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        void assertNothingMore() throws InterruptedException {
            assertThat(received.poll(NOTHING.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        }
    }

    private static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), UTF_8);
    }

    /** Lets time pass in which something expires. */
    private static void pass(Duration time) {
        await().pollDelay(time).until(() -> true);
    }

    private Peer publisher() throws Exception {
        return Peer.connected(broker.port(), V5, "publisher");
    }

    /** Publishes at QoS 1 and waits for PUBACK. */
    private void publish(String topic, String payload) throws Exception {
        publish(V5.publish(topic, 1, 1, payload));
    }

    private void publish(byte[] atQos1) throws Exception {
        try (Peer peer = publisher()) {
            peer.send(atQos1);
            peer.next(Mqtt.PUBACK);
            peer.send(Mqtt.disconnect());
        }
    }

    // --- Sessions

    /** MQTT 5, section 3.1.2.11.2: the interval of the last CONNECT holds. */
    @Test
    void a_session_that_is_opened_again_expires_as_the_new_connect_says() throws Exception {
        new Subscriber("x", true, HOUR).subscribe("t", 1).disconnect();
        Subscriber again = new Subscriber("x", false, 1);
        assertThat(again.sessionPresent).isTrue();
        again.disconnect();
        await().atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ofSeconds(3))
                .untilAsserted(() ->
                        assertThat(new Subscriber("x", false, 0).sessionPresent).isFalse());
    }

    /** MQTT 5, section 3.14.2.2.2. */
    @Test
    void disconnect_may_make_a_session_last_longer_or_end() throws Exception {
        new Subscriber("x", true, 1).subscribe("t", 1).disconnect(HOUR);
        pass(Duration.ofSeconds(3));
        Subscriber second = new Subscriber("x", false, HOUR);
        assertThat(second.sessionPresent).isTrue();
        second.disconnect(0);
        assertThat(new Subscriber("x", false, 0).sessionPresent).isFalse();
    }

    @Test
    void a_session_of_interval_0_ends_with_its_connection() throws Exception {
        new Subscriber("x", true, 0).subscribe("t", 1).disconnect();
        assertThat(new Subscriber("x", false, 0).sessionPresent).isFalse();
    }

    @Test
    void what_was_subscribed_right_before_disconnect_holds() throws Exception {
        for (int round = 0; round < 20; round++) {
            String id = "x-" + round;
            try (Peer peer = Peer.at(broker.port())) {
                peer.send(new Bytes()
                        .raw(V5.connectPersistent(id))
                        .raw(V5.subscribe(1, 1, "t/" + round))
                        .raw(Mqtt.disconnect())
                        .array());
                assertThat(peer.isClosedWithin(Duration.ofSeconds(5))).isTrue();
            }
            publish("t/" + round, "m");
            assertThat(new Subscriber(id, false, 0).take(1)).containsExactly("m");
        }
    }

    // --- What waits for those who are away

    @Test
    void what_is_published_at_qos_1_and_2_waits_for_a_session_that_began_clean_and_lasts() throws Exception {
        new Subscriber("x", true, HOUR).subscribe("t/#", 2).disconnect();
        try (Peer peer = publisher()) {
            peer.send(V5.publish("t/0", 0, 0, "zero"), V5.publish("t/1", 1, 1, "one"), V5.publish("t/2", 2, 2, "two"));
            peer.next(Mqtt.PUBREC);
            peer.send(Mqtt.pubrel(2));
            peer.next(Mqtt.PUBCOMP);
        }
        Subscriber again = new Subscriber("x", false, HOUR);
        // QoS 0 may wait or not [MQTT-3.1.2.4].
        assertThat(again.take(2)).endsWith("one", "two");
    }

    @Test
    void what_waits_comes_in_the_order_in_which_it_was_published() throws Exception {
        new Subscriber("x", true, HOUR).subscribe("t", 1).disconnect();
        List<String> texts = IntStream.range(0, 900).mapToObj(Integer::toString).toList();
        try (Peer peer = publisher()) {
            for (String text : texts) {
                peer.send(V5.publish("t", 1, 1, text));
                peer.next(Mqtt.PUBACK);
            }
        }
        assertThat(new Subscriber("x", false, HOUR).take(texts.size())).containsExactlyElementsOf(texts);
    }

    /** [MQTT-3.3.2-5], [MQTT-3.3.2-6]. */
    @Test
    void a_message_that_has_expired_is_not_sent_and_others_with_the_time_that_is_left() throws Exception {
        new Subscriber("x", true, HOUR).subscribe("t", 1).disconnect();
        byte[] payload = "x".getBytes(UTF_8);
        publish(V5.publish("t", 2, 1, Bytes.of(2).u32(1), payload));
        publish(V5.publish("t", 2, 1, Bytes.of(2).u32(100), "lives".getBytes(UTF_8)));
        publish(V5.publish("t", 2, 1, Bytes.of(2).u32(1), payload));
        publish("t", "for ever");
        pass(Duration.ofSeconds(2));
        Subscriber again = new Subscriber("x", false, HOUR);
        Mqtt5Publish first = again.next();
        assertThat(text(first)).isEqualTo("lives");
        assertThat(first.getMessageExpiryInterval().orElseThrow()).isBetween(80L, 98L);
        assertThat(again.take(1)).containsExactly("for ever");
        again.assertNothingMore();
    }

    @Test
    void a_message_waits_with_its_retain_flag_if_the_subscription_wants_it_as_published() throws Exception {
        Subscriber first = new Subscriber("x", true, HOUR);
        first.client
                .subscribeWith()
                .topicFilter("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retainAsPublished(true)
                .send()
                .get(10, TimeUnit.SECONDS);
        first.disconnect();
        publish(V5.publishRetained("t", 1, 1, "kept"));
        publish("t", "not kept");
        Subscriber again = new Subscriber("x", false, HOUR);
        assertThat(again.next().isRetain()).isTrue();
        assertThat(again.next().isRetain()).isFalse();
    }

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

    private static int topicLength(Peer.Received publish) {
        return publish.packetId();
    }

    private static int packetId(Peer.Received publish) {
        int at = 2 + topicLength(publish);
        return publish.u16(at);
    }

    /** The payload of a PUBLISH at QoS 1 or 2 whose properties, if there are any, take less than 128 bytes. */
    private static String payload(Peer.Received publish) {
        byte[] body = publish.body();
        int behindId = 4 + topicLength(publish);
        // In MQTT 5 the next byte is the length of the properties; digits and letters of payloads are never so small.
        int begin = behindId < body.length && body[behindId] < ' ' ? behindId + 1 + body[behindId] : behindId;
        return new String(body, begin, body.length - begin, UTF_8);
    }

    // --- Retained messages

    @Test
    void retained_messages_of_every_qos_are_kept_with_their_properties_until_they_are_deleted() throws Exception {
        Bytes properties = Bytes.of(0x26)
                .text("a")
                .text("1")
                .u8(0x26)
                .text("a")
                .text("2")
                .u8(9)
                .text("corr")
                .u8(3)
                .text("text/plain");
        try (Peer peer = publisher()) {
            for (int qos = 0; qos < 3; qos++) {
                peer.send(V5.publish("t/" + qos, (qos << 1) | 1, 1 + qos, properties, ("at " + qos).getBytes(UTF_8)));
            }
            peer.next(Mqtt.PUBREC);
            peer.send(Mqtt.pubrel(3));
            peer.next(Mqtt.PUBCOMP);
        }
        Subscriber subscriber = new Subscriber("x", true, 0).subscribe("t/+", 2);
        for (int i = 0; i < 3; i++) {
            Mqtt5Publish retained = subscriber.next();
            assertThat(retained.isRetain()).isTrue();
            assertThat(text(retained)).isEqualTo("at " + retained.getQos().getCode());
            assertThat(retained.getUserProperties())
                    .isEqualTo(Mqtt5UserProperties.builder()
                            .add("a", "1")
                            .add("a", "2")
                            .build());
            assertThat(UTF_8.decode(retained.getCorrelationData().orElseThrow()).toString())
                    .isEqualTo("corr");
            assertThat(retained.getContentType().orElseThrow().toString()).isEqualTo("text/plain");
        }
        try (Peer peer = publisher()) {
            for (int qos = 0; qos < 2; qos++) {
                peer.send(V5.publishRetained("t/" + qos, qos, 1, ""));
            }
            peer.next(Mqtt.PUBACK);
        }
        assertThat(new Subscriber("y", true, 0).subscribe("t/+", 2).take(1)).containsExactly("at 2");
    }

    @Test
    void a_retained_message_at_qos_0_replaces_one_at_qos_1() throws Exception {
        publish(V5.publishRetained("t", 1, 1, "old"));
        try (Peer peer = publisher()) {
            peer.send(V5.publishRetained("t", 0, 0, "new"), V5.publish("u", 1, 1, "x"));
            peer.next(Mqtt.PUBACK);
        }
        assertThat(new Subscriber("x", true, 0).subscribe("t", 1).take(1)).containsExactly("new");
    }

    @Test
    void a_retained_message_expires() throws Exception {
        publish(V5.publish("t", 3, 1, Bytes.of(2).u32(1), "x".getBytes(UTF_8)));
        pass(Duration.ofSeconds(2));
        new Subscriber("x", true, 0).subscribe("t", 1).assertNothingMore();
    }

    /** [MQTT-3.3.1-9], [MQTT-3.3.1-10], [MQTT-3.3.1-11]. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void retain_handling_says_when_retained_messages_are_sent(int handling) throws Exception {
        publish(V5.publishRetained("t", 1, 1, "kept"));
        Subscriber subscriber = new Subscriber("x", true, 0);
        for (int time = 1; time <= 2; time++) {
            subscriber
                    .client
                    .subscribeWith()
                    .topicFilter("t")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retainHandling(Mqtt5RetainHandling.fromCode(handling))
                    .send()
                    .get(10, TimeUnit.SECONDS);
            if (handling == 0 || (handling == 1 && time == 1)) {
                assertThat(subscriber.take(1)).containsExactly("kept");
            }
            subscriber.assertNothingMore();
        }
    }

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

    private static byte[] subscribe(int packetId, String filter, int identifier) {
        return new Bytes()
                .u16(packetId)
                .properties(Bytes.of(0x0B).varint(identifier))
                .text(filter)
                .u8(1)
                .packet(0x82);
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

    /** MQTT 5, section 4.8.2. */
    @Test
    void each_message_to_a_shared_subscription_goes_to_one_of_those_who_share_it() throws Exception {
        int messages = 100;
        Subscriber one = new Subscriber("one", true, 0).subscribe("$share/group/t", 1);
        Subscriber two = new Subscriber("two", true, 0).subscribe("$share/group/t", 1);
        Subscriber other = new Subscriber("three", true, 0).subscribe("$share/other/t", 1);
        Subscriber alone = new Subscriber("four", true, 0).subscribe("t", 1);
        for (int i = 0; i < messages; i++) {
            publish("t", Integer.toString(i));
        }
        List<String> all =
                IntStream.range(0, messages).mapToObj(Integer::toString).toList();
        assertThat(other.take(messages)).containsExactlyElementsOf(all);
        assertThat(alone.take(messages)).containsExactlyElementsOf(all);
        await().until(() -> one.received.size() + two.received.size() == messages);
        assertThat(one.received).isNotEmpty();
        assertThat(two.received).isNotEmpty();
        List<String> shared = new ArrayList<>(one.take(one.received.size()));
        shared.addAll(two.take(two.received.size()));
        assertThat(shared).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void who_leaves_a_shared_subscription_gets_nothing_any_more() throws Exception {
        Subscriber one = new Subscriber("one", true, 0).subscribe("$share/group/t", 1);
        Subscriber two = new Subscriber("two", true, 0).subscribe("$share/group/t", 1);
        one.client.unsubscribeWith().topicFilter("$share/group/t").send().get(10, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            publish("t", Integer.toString(i));
        }
        assertThat(two.take(10)).hasSize(10);
        two.disconnect();
        Subscriber three = new Subscriber("three", true, 0).subscribe("$share/group/t", 1);
        for (int i = 0; i < 10; i++) {
            publish("t", Integer.toString(i));
        }
        assertThat(three.take(10)).hasSize(10);
        one.assertNothingMore();
    }

    @Test
    void a_shared_subscription_is_sent_no_retained_messages() throws Exception {
        publish(V5.publishRetained("t", 1, 1, "kept"));
        new Subscriber("one", true, 0).subscribe("$share/group/t", 1).assertNothingMore();
    }

    @Test
    void a_client_of_mqtt_3_1_1_subscribes_to_a_filter_that_begins_with_share_as_to_any_other() throws Exception {
        try (Peer peer = Peer.connected(broker.port(), V3_1_1, "x")) {
            peer.send(V3_1_1.subscribe(1, 0, "$share/group/t"));
            byte[] suback = peer.next(Mqtt.SUBACK).body();
            assertThat(suback[2] & 0xFF).isIn(0, 0x80);
        }
    }
}
