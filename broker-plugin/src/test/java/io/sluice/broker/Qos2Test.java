package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What QoS 2 publishers are answered, and what of theirs is captured. */
@Timeout(60)
class Qos2Test {

    private static MqttMessage next(RawClient client) throws Exception {
        return Objects.requireNonNull(client.read(5_000), "no answer");
    }

    private static void expect(RawClient client, MqttMessageType type, int packetId) throws Exception {
        MqttMessage answer = next(client);
        assertThat(answer.fixedHeader().messageType()).isEqualTo(type);
        assertThat(RawClient.packetId(answer)).isEqualTo(packetId);
    }

    private static List<String> texts(List<StoredMessage> messages) {
        return messages.stream()
                .map(stored -> StandardCharsets.UTF_8
                        .decode(stored.message().payload().duplicate())
                        .toString())
                .toList();
    }

    @Test
    void an_id_under_which_another_message_comes_is_taken_over_by_it() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            client.send(RawClient.publish("t", 2, 5, "before it lost its state"));
            expect(client, MqttMessageType.PUBREC, 5);
            client.send(RawClient.publish("t", 2, 5, "after"), RawClient.publish("t", 2, 5, "after"));
            expect(client, MqttMessageType.PUBREC, 5);
            expect(client, MqttMessageType.PUBREC, 5);
            client.send(RawClient.pubrel(5));
            expect(client, MqttMessageType.PUBCOMP, 5);
            assertThat(texts(reader.read(2))).containsExactly("before it lost its state", "after");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_release_of_an_id_that_is_not_in_use_is_answered_so_and_not_recorded() throws Exception {
        try (TestBroker broker = TestBroker.start();
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "c");
                RawClient old = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "old")) {
            long end = broker.broker().buffer().stats().end();
            client.send(RawClient.pubrel(9));
            MqttMessage answer = next(client);
            assertThat(answer.fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);
            assertThat(((MqttPubReplyMessageVariableHeader) answer.variableHeader()).reasonCode())
                    .isEqualTo((byte) 0x92);
            old.send(RawClient.pubrel(9));
            expect(old, MqttMessageType.PUBCOMP, 9);
            assertThat(broker.broker().buffer().stats().end()).isEqualTo(end);
        }
    }

    @Test
    void what_nobody_captures_is_answered_and_released_without_a_record() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("other/#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            client.send(RawClient.publish("t", 2, 5, "m"));
            expect(client, MqttMessageType.PUBREC, 5);
            client.send(RawClient.pubrel(5));
            expect(client, MqttMessageType.PUBCOMP, 5);
            assertThat(broker.broker().buffer().stats().end()).isZero();
            assertThat(reader.next(1, Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void a_release_is_answered_also_while_no_consumer_is_attached() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c");
            try (client) {
                try (TestBroker.Reader reader = broker.attach("#")) {
                    client.send(RawClient.publish("t", 2, 5, "m"));
                    expect(client, MqttMessageType.PUBREC, 5);
                    assertThat(reader.read(1)).hasSize(1);
                }
                client.send(RawClient.publish("t", 2, 6, "withheld"), RawClient.pubrel(5));
                expect(client, MqttMessageType.PUBCOMP, 5);
                assertThat(client.read(200)).isNull();
            }
        }
    }

    /** One client for each point at which an exchange can be when the broker is killed. */
    @Test
    void clients_that_go_on_after_a_crash_have_each_message_in_the_buffer_once(@TempDir Path dir) throws Exception {
        Path before = dir.resolve("before");
        Path after = dir.resolve("after");
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(before)).start();
                RawClient appended = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1);
                RawClient received = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1);
                RawClient released = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            try (TestBroker.Reader reader = broker.attach("#")) {
                for (RawClient client : List.of(received, released)) {
                    assertThat(enter(client, client == received ? "received" : "released", false))
                            .isFalse();
                    client.send(RawClient.publish("t", 2, 5, "m"));
                    expect(client, MqttMessageType.PUBREC, 5);
                }
                released.send(RawClient.pubrel(5));
                expect(released, MqttMessageType.PUBCOMP, 5);
                assertThat(reader.peek(1, Duration.ofSeconds(5))).isNotEmpty();
            }
            enter(appended, "appended", false);
            appended.send(RawClient.publish("t", 2, 5, "m"));
            // two publishes and a release, and now this one, which is not answered while nobody is attached
            await().until(() -> broker.broker().buffer().stats().end() == 4);
            TestBroker.leaveAsKilled(before, after);
        }
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(after)).start();
                RawClient appended = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1);
                RawClient received = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1);
                RawClient released = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            assertThat(enter(appended, "appended", false)).as("session present").isTrue();
            assertThat(enter(received, "received", false)).as("session present").isTrue();
            assertThat(enter(released, "released", false)).as("session present").isTrue();
            appended.send(RawClient.publish("t", 2, 5, "m"));
            assertThat(appended.read(200)).as("before a consumer is attached").isNull();
            try (TestBroker.Reader reader = broker.attach("#")) {
                expect(appended, MqttMessageType.PUBREC, 5);
                for (RawClient client : List.of(appended, received, released)) {
                    client.send(RawClient.pubrel(5));
                    expect(client, MqttMessageType.PUBCOMP, 5);
                }
                assertThat(byClient(reader.read(3)))
                        .isEqualTo(
                                Map.of("appended", List.of("m"), "received", List.of("m"), "released", List.of("m")));
                for (RawClient client : List.of(appended, received, released)) {
                    client.send(RawClient.publish("t", 2, 5, "m"));
                    expect(client, MqttMessageType.PUBREC, 5);
                }
                assertThat(byClient(reader.read(3))).hasSize(3);
                assertThat(reader.next(1, Duration.ofMillis(100))).isEmpty();
            }
        }
    }

    private static Map<String, List<String>> byClient(List<StoredMessage> messages) {
        return messages.stream()
                .collect(Collectors.groupingBy(
                        stored -> stored.message().clientId(),
                        Collectors.collectingAndThen(Collectors.toList(), Qos2Test::texts)));
    }

    @Test
    void a_clean_start_after_a_crash_frees_the_ids_for_good(@TempDir Path dir) throws Exception {
        Path before = dir.resolve("before");
        Path after = dir.resolve("after");
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(before)).start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            enter(client, "c", false);
            client.send(RawClient.publish("t", 2, 5, "m"));
            expect(client, MqttMessageType.PUBREC, 5);
            assertThat(reader.peek(1, Duration.ofSeconds(5))).hasSize(1);
            TestBroker.leaveAsKilled(before, after);
        }
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(after)).start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int again = 0; again < 2; again++) {
                try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                    assertThat(enter(client, "c", true)).isFalse();
                    client.send(RawClient.publish("t", 2, 5, "m"));
                    expect(client, MqttMessageType.PUBREC, 5);
                }
            }
            assertThat(texts(reader.read(3))).containsExactly("m", "m", "m");
        }
        try (SharedBuffer buffer = SharedBuffer.open(TestBroker.disk(after))) {
            assertThat(buffer.unreleased()).isEmpty();
        }
    }

    @Test
    void an_mqtt_5_session_that_is_to_last_survives_a_crash_with_its_subscriptions(@TempDir Path dir) throws Exception {
        Path before = dir.resolve("before");
        Path after = dir.resolve("after");
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(before)).start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            client.send(lasting(true));
            assertThat(isSessionPresent(next(client))).isFalse();
            client.send(MqttMessageBuilders.subscribe()
                    .messageId(1)
                    .addSubscription(MqttQoS.AT_LEAST_ONCE, "to/c")
                    .properties(MqttProperties.NO_PROPERTIES)
                    .build());
            expect(client, MqttMessageType.SUBACK, 1);
            assertThat(reader.next(1, Duration.ZERO)).isEmpty();
            TestBroker.leaveAsKilled(before, after);
        }
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(after)).start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            client.send(lasting(false));
            assertThat(isSessionPresent(next(client))).isTrue();
            client.send(RawClient.publish("to/c", 1, 1, "hello"));
            List<MqttMessageType> types = List.of(
                    next(client).fixedHeader().messageType(),
                    next(client).fixedHeader().messageType());
            assertThat(types).containsExactlyInAnyOrder(MqttMessageType.PUBACK, MqttMessageType.PUBLISH);
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    @Test
    void ids_of_clients_whose_sessions_are_gone_are_freed_when_the_broker_starts(@TempDir Path dir) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(TestBroker.disk(dir))) {
            Message message = new Message(
                    MessageKind.PUBLISH,
                    "gone",
                    Optional.empty(),
                    Optional.empty(),
                    "t",
                    Qos.EXACTLY_ONCE,
                    false,
                    false,
                    5,
                    System.currentTimeMillis(),
                    PublishProperties.NONE,
                    ByteBuffer.allocate(0));
            buffer.append(List.of(message), AppendListener.NONE);
        }
        try (TestBroker broker =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).start()) {
            await().until(() -> broker.broker().buffer().stats().end() == 2);
            assertThat(broker.broker().buffer().unreleased()).containsOnlyKeys("gone");
        }
        try (SharedBuffer buffer = SharedBuffer.open(TestBroker.disk(dir))) {
            assertThat(buffer.unreleased()).isEmpty();
        }
    }

    private static MqttMessage lasting(boolean cleanStart) {
        MqttProperties properties = new MqttProperties();
        properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), 600));
        return MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId("c")
                .cleanSession(cleanStart)
                .keepAlive(60)
                .properties(properties)
                .build();
    }

    /** Connects a client; returns whether its session is present. */
    private static boolean enter(RawClient client, String clientId, boolean cleanSession) throws Exception {
        client.send(client.connect(clientId, cleanSession));
        return isSessionPresent(next(client));
    }

    private static boolean isSessionPresent(MqttMessage connack) {
        return ((MqttConnAckMessage) connack).variableHeader().isSessionPresent();
    }
}
