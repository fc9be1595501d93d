package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Sessions that outlive their connections, and what waits in them. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class OfflineSessionTest extends WithSubscribers {

    private static final long HOUR = 3_600;

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
                assertThat(peer.isClosedWithin(Duration.ofSeconds(30))).isTrue();
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
}
