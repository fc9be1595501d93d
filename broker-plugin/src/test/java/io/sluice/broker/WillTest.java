package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.MessageKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class WillTest {

    private static final byte DISCONNECT_WITH_WILL = 0x04;

    private static final int MORE_THAN_FIT = 600;

    @Test
    void the_will_of_a_client_that_is_lost_is_captured_once_behind_its_publishes() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                client.send(willing(MqttVersion.MQTT_3_1_1, "status/c", 0, 0, true));
                assertThat(client.read(5_000)).isInstanceOf(MqttConnAckMessage.class);
                client.send(RawClient.publish("t", 1, 1, "first"));
                assertThat(client.read(5_000)).isNotNull();
            }
            assertThat(reader.read(2))
                    .extracting(
                            stored -> stored.message().kind(),
                            stored -> stored.message().topic())
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(MessageKind.PUBLISH, "t"),
                            org.assertj.core.groups.Tuple.tuple(MessageKind.WILL, "status/c"));
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_client_that_says_goodbye_takes_its_will_with_it() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            client.send(willing(MqttVersion.MQTT_5, "status/c", 0, 0, true), disconnect((byte) 0));
            assertThat(client.isClosedWithin(5_000)).isTrue();
            assertThat(reader.next(1, Duration.ofMillis(300))).isEmpty();
        }
    }

    @Test
    void a_client_that_disconnects_with_will_leaves_it() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            client.send(willing(MqttVersion.MQTT_5, "status/c", 0, 0, true), disconnect(DISCONNECT_WITH_WILL));
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().kind())
                    .containsExactly(MessageKind.WILL);
        }
    }

    @Test
    void a_delayed_will_is_not_published_if_the_client_comes_back_to_its_session_in_time() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                client.send(willing(MqttVersion.MQTT_5, "status/c", 1, 60, true));
                assertThat(client.read(5_000)).isNotNull();
                awaitSuback(client);
            }
            try (RawClient back = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                back.send(willing(MqttVersion.MQTT_5, "status/c", 1, 60, false));
                assertThat(back.read(5_000)).isNotNull();
                assertThat(reader.next(1, Duration.ofMillis(1_500))).isEmpty();
            }
            assertThat(reader.read(1)).as("gone for longer than the delay").hasSize(1);
        }
    }

    @Test
    void a_will_is_published_when_the_session_ends_before_its_delay() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                client.send(willing(MqttVersion.MQTT_5, "status/c", 60, 0, true));
                assertThat(client.read(5_000)).isNotNull();
            }
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    @Test
    void a_client_that_is_taken_over_leaves_its_will_unless_its_session_goes_on_within_the_delay() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient first = new RawClient(broker.port(), MqttVersion.MQTT_5);
                RawClient second = new RawClient(broker.port(), MqttVersion.MQTT_5);
                RawClient third = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            first.send(willing(MqttVersion.MQTT_5, "status/first", 0, 60, true));
            assertThat(first.read(5_000)).isNotNull();
            second.send(willing(MqttVersion.MQTT_5, "status/second", 60, 60, false));
            assertThat(second.read(5_000)).isNotNull();
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("status/first");

            third.send(willing(MqttVersion.MQTT_5, "status/third", 60, 60, false));
            assertThat(third.read(5_000)).isNotNull();
            assertThat(second.isClosedWithin(5_000)).isTrue();
            assertThat(reader.next(1, Duration.ofMillis(300))).isEmpty();
        }
    }

    @Test
    void a_delayed_will_is_published_when_the_client_comes_back_to_a_new_session() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                client.send(willing(MqttVersion.MQTT_5, "status/old", 60, 60, true));
                assertThat(client.read(5_000)).isNotNull();
                awaitSuback(client);
            }
            try (RawClient back = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                back.send(willing(MqttVersion.MQTT_5, "status/new", 60, 60, true));
                assertThat(back.read(5_000)).isNotNull();
                assertThat(reader.read(1))
                        .extracting(stored -> stored.message().topic())
                        .containsExactly("status/old");
            }
        }
    }

    /** A buffer that the publishes of a client have filled, of whom some wait. */
    private static TestBroker withSmallBuffer() {
        return new TestBroker.Wanted()
                .buffer(TestBroker.memory(400_000, Overflow.BLOCK))
                .start();
    }

    private static void fill(TestBroker broker, RawClient client) throws IOException {
        for (int i = 1; i <= MORE_THAN_FIT; i++) {
            client.send(RawClient.publish("t", 0, 0, "x".repeat(1_000)));
        }
        await().until(() -> broker.broker().stats().buffer().full());
    }

    private static RawClient connected(TestBroker broker, MqttMessage connect) throws IOException {
        RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5);
        client.send(connect);
        assertThat(client.read(5_000)).isInstanceOf(MqttConnAckMessage.class);
        return client;
    }

    /** Kinds of what comes, but for publishes, until nothing has come for a while. */
    private static List<MessageKind> wills(TestBroker.Reader reader) throws InterruptedException {
        List<MessageKind> kinds = new ArrayList<>();
        List<StoredMessage> next = reader.read(1);
        while (!next.isEmpty()) {
            next.forEach(stored -> kinds.add(stored.message().kind()));
            next = reader.next(1_000, Duration.ofMillis(2_500));
        }
        assertThat(kinds).contains(MessageKind.PUBLISH);
        kinds.removeIf(MessageKind.PUBLISH::equals);
        return kinds;
    }

    private static void awaitGone(TestBroker broker) {
        await().until(() -> broker.broker().stats().door().connectedClients() == 0);
    }

    @Test
    void a_delayed_will_is_not_published_if_the_client_is_back_before_its_last_publishes_find_space() throws Exception {
        try (TestBroker broker = withSmallBuffer();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = connected(broker, willing(MqttVersion.MQTT_5, "status/c", 1, 60, true))) {
                fill(broker, client);
            }
            awaitGone(broker);
            try (RawClient back = connected(broker, willing(MqttVersion.MQTT_5, "status/c", 60, 60, false))) {
                assertThat(wills(reader)).isEmpty();
                assertThat(back.isClosedWithin(1)).isFalse();
            }
        }
    }

    @Test
    void a_delayed_will_that_waits_for_space_is_not_published_if_the_client_is_back_before_there_is_any()
            throws Exception {
        try (TestBroker broker = withSmallBuffer();
                TestBroker.Reader reader = broker.attach("#");
                Peer subscriber = Peer.connected(broker.port(), Mqtt.V5, "subscriber");
                RawClient other = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "other")) {
            subscriber.send(Mqtt.V5.subscribe(1, 0, "status/#"));
            subscriber.next(Mqtt.SUBACK);
            connected(broker, willing(MqttVersion.MQTT_5, "status/c", 1, 60, true))
                    .close();
            fill(broker, other);
            assertThat(subscriber.next(Duration.ofMillis(1_500))).isEmpty();
            try (RawClient back = connected(broker, willing(MqttVersion.MQTT_5, "status/c", 60, 60, false))) {
                assertThat(wills(reader)).isEmpty();
                assertThat(back.isClosedWithin(1)).isFalse();
                assertThat(subscriber.next(Duration.ofMillis(1))).isEmpty();
            }
        }
    }

    @Test
    void a_delayed_will_that_waits_for_space_is_published_when_there_is_some() throws Exception {
        try (TestBroker broker = withSmallBuffer();
                TestBroker.Reader reader = broker.attach("#");
                Peer subscriber = Peer.connected(broker.port(), Mqtt.V5, "subscriber")) {
            subscriber.send(Mqtt.V5.subscribe(1, 0, "status/#"));
            subscriber.next(Mqtt.SUBACK);
            try (RawClient client = connected(broker, willing(MqttVersion.MQTT_5, "status/c", 1, 60, true))) {
                fill(broker, client);
            }
            assertThat(subscriber.next(Duration.ofMillis(1_500))).isEmpty();
            assertThat(wills(reader)).containsExactly(MessageKind.WILL);
            assertThat(subscriber.next(Mqtt.PUBLISH)).isNotNull();
        }
    }

    @Test
    void a_delayed_will_is_published_between_the_publishes_of_the_old_session_and_those_of_the_new_one()
            throws Exception {
        try (TestBroker broker = withSmallBuffer();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = connected(broker, willing(MqttVersion.MQTT_5, "status/old", 60, 60, true))) {
                fill(broker, client);
            }
            awaitGone(broker);
            try (RawClient back = connected(broker, willing(MqttVersion.MQTT_5, "status/new", 60, 60, true))) {
                back.send(RawClient.publish("new", 1, 1, "x"));
                assertThat(reader.read(MORE_THAN_FIT + 2).stream()
                                .map(stored -> stored.message().topic())
                                .skip(MORE_THAN_FIT))
                        .containsExactly("status/old", "new");
            }
        }
    }

    @Test
    void a_will_that_waits_when_the_broker_closes_is_not_published_by_its_successor(@TempDir Path dir)
            throws Exception {
        TestBroker.Wanted wanted = new TestBroker.Wanted().buffer(TestBroker.disk(dir));
        try (TestBroker broker = wanted.start()) {
            broker.attach("#").close();
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                client.send(willing(MqttVersion.MQTT_5, "status/c", 1, 60, true));
                assertThat(client.read(5_000)).isNotNull();
            }
        }
        try (TestBroker again = wanted.start();
                TestBroker.Reader reader = again.attach("#")) {
            assertThat(reader.next(1, Duration.ofMillis(1_500))).isEmpty();
        }
    }

    @Test
    void closing_the_broker_publishes_no_will(@TempDir Path dir) throws Exception {
        TestBroker.Wanted wanted = new TestBroker.Wanted().buffer(TestBroker.disk(dir));
        TestBroker broker = wanted.start();
        broker.attach("#").close();
        try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            client.send(willing(MqttVersion.MQTT_3_1_1, "status/c", 0, 0, true));
            assertThat(client.read(5_000)).isNotNull();
            broker.close();
        }
        try (TestBroker again = wanted.start();
                TestBroker.Reader reader = again.attach("#")) {
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_client_whose_will_it_may_not_publish_is_refused(@TempDir Path dir) throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic write open/#\n");
        try (TestBroker broker = new TestBroker.Wanted().aclFile(acl).start();
                RawClient mqtt5 = new RawClient(broker.port(), MqttVersion.MQTT_5);
                RawClient mqtt3 = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            assertRefused(mqtt5, MqttVersion.MQTT_5, MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5);
            assertRefused(mqtt3, MqttVersion.MQTT_3_1_1, MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED);
        }
    }

    private static void assertRefused(RawClient client, MqttVersion version, MqttConnectReturnCode code)
            throws IOException {
        client.send(willing(version, "closed", 0, 0, true));
        assertThat(client.read(5_000))
                .isInstanceOfSatisfying(
                        MqttConnAckMessage.class,
                        connack -> assertThat(connack.variableHeader().connectReturnCode())
                                .isEqualTo(code));
        assertThat(client.isClosedWithin(5_000)).isTrue();
    }

    /** Moquette is done with CONNECT too, so that the client's next connection need not wait for this one. */
    private static void awaitSuback(RawClient client) throws IOException {
        client.send(MqttMessageBuilders.subscribe()
                .messageId(1)
                .addSubscription(MqttQoS.AT_MOST_ONCE, "nothing")
                .build());
        assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.SUBACK);
    }

    private static MqttConnectMessage willing(
            MqttVersion version, String topic, int delaySeconds, int sessionExpirySeconds, boolean clean) {
        MqttProperties willProperties = new MqttProperties();
        MqttProperties properties = new MqttProperties();
        if (version == MqttVersion.MQTT_5) {
            willProperties.add(new IntegerProperty(MqttPropertyType.WILL_DELAY_INTERVAL.value(), delaySeconds));
            properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), sessionExpirySeconds));
        }
        return MqttMessageBuilders.connect()
                .protocolVersion(version)
                .clientId("c")
                .cleanSession(clean)
                .keepAlive(60)
                .properties(properties)
                .willFlag(true)
                .willTopic(topic)
                .willQoS(MqttQoS.AT_LEAST_ONCE)
                .willMessage("gone".getBytes(UTF_8))
                .willProperties(willProperties)
                .build();
    }

    private static MqttMessage disconnect(byte reasonCode) {
        return new MqttMessage(
                new MqttFixedHeader(MqttMessageType.DISCONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttReasonCodeAndPropertiesVariableHeader(reasonCode, MqttProperties.NO_PROPERTIES));
    }
}
