package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a fault costs that strikes at the door, while a client's packets are taken: never its next connection. */
class FailingPublishTest {

    private static final String POISON = "poison";
    /** Strikes not when the publish is checked, but when it is routed. */
    private static final String POISON_LATER = "poison later";

    private static final int MOST_UNANSWERED = 1_000;
    private static final int MORE_THAN_MAY_WAIT = MOST_UNANSWERED + 100;

    private final SharedBuffer buffer = SharedBuffer.open(TestBroker.memory(4 << 20, Overflow.BLOCK));
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);

    private final AtomicInteger askedLater = new AtomicInteger();

    private final IAuthorizatorPolicy rules = new IAuthorizatorPolicy() {
        @Override
        public boolean canWrite(Topic topic, @Nullable String user, String client) {
            return check(topic);
        }

        @Override
        public boolean canRead(Topic topic, @Nullable String user, String client) {
            return check(topic);
        }

        private boolean check(Topic topic) {
            boolean isLate = topic.toString().equals(POISON_LATER) && askedLater.incrementAndGet() == 2;
            if (isLate || topic.toString().equals(POISON)) {
                throw new StackOverflowError("a fault that nobody foresaw");
            }
            return true;
        }
    };

    private final FrontDoor door;

    FailingPublishTest() throws IOException {
        door = FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN, rules)),
                buffer,
                store,
                new UnreleasedIds(buffer));
    }

    @AfterEach
    void close() {
        door.close();
        store.close();
        buffer.close();
    }

    private RawClient client() throws IOException {
        return new RawClient(door.listeners().get(0).port(), MqttVersion.MQTT_3_1_1);
    }

    /** Connects to a session that stays, and sends packets in the same breath. */
    private RawClient connected(MqttMessage... behind) throws IOException {
        RawClient client = client();
        List<MqttMessage> all = new ArrayList<>();
        all.add(client.connect("device", false));
        all.addAll(List.of(behind));
        client.send(all.toArray(MqttMessage[]::new));
        assertThat(typeOfNext(client)).isEqualTo(MqttMessageType.CONNACK);
        return client;
    }

    private static MqttMessageType typeOfNext(RawClient client) throws IOException {
        MqttMessage next = client.read(5_000);
        assertThat(next).as("an answer in time").isNotNull();
        return next.fixedHeader().messageType();
    }

    private Attachment attach(AckMode mode) {
        Attachment consumer = buffer.attach(new AttachRequest("reader", List.of(TopicFilter.of("#")), mode, Lanes.ALL));
        consumer.seek(consumer.acknowledged());
        return consumer;
    }

    private static List<String> read(Attachment consumer, int count) throws InterruptedException {
        List<String> topics = new ArrayList<>();
        while (topics.size() < count) {
            ReadBatch batch = consumer.read(count, 1 << 20, Duration.ofSeconds(5));
            assertThat(batch.messages()).as("more messages in time").isNotEmpty();
            batch.messages().forEach(stored -> topics.add(stored.message().topic()));
            consumer.acknowledge(LanePositions.all(batch.frontier() - 1));
        }
        return topics;
    }

    /** A client of whom the broker takes nothing more, but what overtakes, before some of its publishes are answered. */
    private RawClient connectedAndHeldBack() throws IOException {
        MqttMessage[] publishes = new MqttMessage[MORE_THAN_MAY_WAIT];
        for (int i = 0; i < MORE_THAN_MAY_WAIT; i++) {
            publishes[i] = RawClient.publish("t", 1, i + 1, "x");
        }
        long before = buffer.stats().end();
        RawClient client = connected(publishes);
        await().until(() -> buffer.stats().end() - before > MOST_UNANSWERED);
        return client;
    }

    /** The broker has read all that the client has sent, since its answer to a ping overtakes what waits. */
    private static void awaitRead(RawClient client) throws IOException {
        client.send(
                new MqttMessage(new MqttFixedHeader(MqttMessageType.PINGREQ, false, MqttQoS.AT_MOST_ONCE, false, 0)));
        assertThat(typeOfNext(client)).isEqualTo(MqttMessageType.PINGRESP);
    }

    @Test
    void a_client_whose_last_packets_cannot_be_taken_is_served_when_it_is_back() throws Exception {
        try (RawClient client = connected(RawClient.publish(POISON, 0, 0, "x"))) {
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
        try (RawClient back = connected(RawClient.publish("t", 1, 1, "x"))) {
            assertThat(typeOfNext(back)).isEqualTo(MqttMessageType.PUBACK);
        }
    }

    @Test
    void what_came_before_the_fault_and_the_will_are_captured() throws Exception {
        try (Attachment consumer = attach(AckMode.BUFFERED);
                RawClient client = client()) {
            client.send(
                    MqttMessageBuilders.connect()
                            .protocolVersion(MqttVersion.MQTT_3_1_1)
                            .clientId("device")
                            .willFlag(true)
                            .willTopic("will")
                            .willQoS(MqttQoS.AT_LEAST_ONCE)
                            .willMessage(new byte[1])
                            .build(),
                    RawClient.publish("before", 0, 0, "x"),
                    RawClient.publish(POISON, 0, 0, "x"));
            assertThat(client.isClosedWithin(5_000)).isTrue();
            assertThat(read(consumer, 2)).containsExactly("before", "will");
        }
    }

    @Test
    void a_publish_of_qos_2_that_came_with_the_fault_is_answered_when_it_is_sent_again() throws Exception {
        MqttPublishMessage publish = RawClient.publish("t", 2, 1, "x");
        try (RawClient client = connected(publish.retain(), RawClient.publish(POISON, 0, 0, "x"))) {
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
        try (RawClient back = connected(publish)) {
            assertThat(typeOfNext(back)).isEqualTo(MqttMessageType.PUBREC);
        }
    }

    @Test
    void a_publish_of_qos_2_that_is_in_the_buffer_when_the_fault_strikes_is_captured_once() throws Exception {
        MqttPublishMessage first = RawClient.publish(POISON_LATER, 2, 1, "x");
        MqttPublishMessage second = RawClient.publish("t", 2, 2, "x");
        try (Attachment consumer = attach(AckMode.BUFFERED);
                RawClient subscriber = client()) {
            subscriber.send(
                    subscriber.connect("subscriber", true),
                    MqttMessageBuilders.subscribe()
                            .messageId(1)
                            .addSubscription(MqttQoS.AT_MOST_ONCE, "#")
                            .build());
            assertThat(typeOfNext(subscriber)).isEqualTo(MqttMessageType.CONNACK);
            assertThat(typeOfNext(subscriber)).isEqualTo(MqttMessageType.SUBACK);
            askedLater.set(0);
            try (RawClient client = connected(first.retain(), second.retain())) {
                assertThat(client.isClosedWithin(5_000)).isTrue();
            }
            try (RawClient back = connected(first, second)) {
                assertThat(typeOfNext(back)).isEqualTo(MqttMessageType.PUBREC);
                assertThat(typeOfNext(back)).isEqualTo(MqttMessageType.PUBREC);
            }
            assertThat(read(consumer, 2)).containsExactly(POISON_LATER, "t");
            assertThat(consumer.read(1, 1 << 20, Duration.ofMillis(200)).messages())
                    .isEmpty();
        }
    }

    @Test
    void a_fault_after_answers_have_left_ends_the_connection() throws Exception {
        try (Attachment consumer = attach(AckMode.DELIVERED);
                RawClient client = connectedAndHeldBack()) {
            client.send(RawClient.publish(POISON, 0, 0, "x"));
            awaitRead(client);
            read(consumer, MOST_UNANSWERED);
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
    }

    @Test
    void a_client_whose_last_subscription_cannot_be_taken_is_served_when_it_is_back() throws Exception {
        try (Attachment consumer = attach(AckMode.DELIVERED)) {
            RawClient client = connectedAndHeldBack();
            client.send(MqttMessageBuilders.subscribe()
                    .messageId(1)
                    .addSubscription(MqttQoS.AT_MOST_ONCE, POISON)
                    .build());
            awaitRead(client);
            client.close();
            read(consumer, MORE_THAN_MAY_WAIT);
            try (RawClient back = connected(RawClient.publish("t", 1, 1, "x"))) {
                read(consumer, 1);
                assertThat(typeOfNext(back)).isEqualTo(MqttMessageType.PUBACK);
            }
        }
    }
}
