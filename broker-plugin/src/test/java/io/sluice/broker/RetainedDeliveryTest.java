package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retained messages: how long they are kept, and who is sent them. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class RetainedDeliveryTest extends WithSubscribers {

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

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x11})
    void a_subscribe_that_names_a_filter_again_and_again_is_sent_its_retained_messages_once(int options)
            throws Exception {
        publish(V5.publishRetained("t/1", 1, 1, "kept"));
        String[] filters = new String[1_000];
        Arrays.fill(filters, "t/1");
        assertThat(publishesAfter(V5.subscribe(1, options, filters)))
                .extracting(WithSubscribers::payload)
                .containsExactly("kept");
    }

    @Test
    void of_equal_filters_in_a_subscribe_the_last_one_says_how_retained_messages_are_sent() throws Exception {
        publish(V5.publishRetained("t/1", 1, 1, "kept"));
        byte[] subscribe = new Bytes()
                .u16(1)
                .properties(new Bytes())
                .text("t/1")
                .u8(1)
                .text("t/1")
                .u8(0)
                .packet(0x82);
        assertThat(publishesAfter(subscribe)).hasSize(1).allMatch(publish -> (publish.firstByte() & 0x06) == 0);
    }

    private List<Peer.Received> publishesAfter(byte[] subscribe) throws Exception {
        List<Peer.Received> publishes = new ArrayList<>();
        try (Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(subscribe);
            Optional<Peer.Received> next = Optional.of(peer.next());
            while (next.isPresent()) {
                next.filter(packet -> packet.type() == Mqtt.PUBLISH).ifPresent(publishes::add);
                next = peer.next(NOTHING);
            }
        }
        return publishes;
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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void a_subscriber_that_reads_gets_all_however_many_there_are(int qos) throws Exception {
        int count = 3_000;
        try (Peer peer = publisher()) {
            for (int i = 1; i < count; i++) {
                peer.send(V5.publishRetained("t/" + i, 0, 0, "x".repeat(500)));
            }
            peer.send(V5.publishRetained("t/last", 1, 1, "x"));
            peer.next(Mqtt.PUBACK);
        }
        try (Peer peer = Peer.connected(broker.port(), V5, "x")) {
            peer.send(V5.subscribe(1, qos, "t/#"));
            Set<String> topics = new HashSet<>();
            while (topics.size() < count) {
                Peer.Received publish = peer.next(Mqtt.PUBLISH);
                assertThat(topics.add(new String(publish.body(), 2, topicLength(publish), UTF_8)))
                        .isTrue();
            }
        }
    }
}
