package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.consumer.AckMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and how its sender is told. */
class RefusalTest {

    private static final int RECEIVE_MAXIMUM = 1_000;

    /** Her password is "secret". */
    private static final String ANN = "ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    private static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
    private static final int NOT_AUTHORIZED = 0x87;
    private static final int TOPIC_NAME_INVALID = 0x90;
    private static final int PAYLOAD_FORMAT_INVALID = 0x99;
    private static final int TOPIC_FILTER_INVALID = 0x8F;

    @Test
    void a_client_may_publish_only_what_the_acl_file_allows(@TempDir Path dir) throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic write open/#\npattern write own/%c/#\n");
        try (TestBroker broker = new TestBroker.Wanted().aclFile(acl).start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient mqtt5 = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "five");
                RawClient mqtt3 = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "three");
                RawClient wild = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "+")) {
            mqtt5.send(
                    RawClient.publish("closed", 1, 1, "no"),
                    RawClient.publish("closed", 2, 2, "no"),
                    RawClient.publish("own/five/a", 1, 3, "yes"));
            assertThat(RawClient.reasonCode(mqtt5.read(5_000))).isEqualTo(NOT_AUTHORIZED);
            assertThat(RawClient.reasonCode(mqtt5.read(5_000))).isEqualTo(NOT_AUTHORIZED);
            assertThat(RawClient.packetId(mqtt5.read(5_000))).isEqualTo(3);

            mqtt3.send(RawClient.publish("closed", 0, 0, "no"), RawClient.publish("open/a", 1, 1, "yes"));
            assertThat(RawClient.packetId(mqtt3.read(5_000))).isEqualTo(1);
            mqtt3.send(RawClient.publish("closed", 1, 2, "no"));
            assertThat(mqtt3.isClosedWithin(5_000)).isTrue();

            wild.send(RawClient.publish("own/five/a", 1, 1, "no"));
            assertThat(RawClient.reasonCode(wild.read(5_000))).isEqualTo(NOT_AUTHORIZED);

            assertThat(reader.read(2))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("yes", "yes");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_password_file_lets_in_only_those_it_names(@TempDir Path dir) throws Exception {
        Path passwords = Files.writeString(dir.resolve("passwords"), ANN + "\n");
        try (TestBroker broker = new TestBroker.Wanted().passwordFile(passwords).start();
                TestBroker.Reader reader = broker.attach("#")) {
            org.eclipse.paho.client.mqttv3.MqttClient ann = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "c", new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setUserName("ann");
            options.setPassword("secret".toCharArray());
            ann.connect(options);
            ann.publish("t", new byte[0], 1, false);
            assertThat(reader.read(1).get(0).message().username()).contains("ann");
            ann.disconnect();
            ann.close();
            try (RawClient nobody = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                nobody.send(nobody.connect("n", true), RawClient.publish("t", 0, 0, "no"));
                assertThat(nobody.isClosedWithin(5_000)).isTrue();
            }
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    /** It would hear of rights that are none of its business. */
    @Test
    void who_gives_a_wrong_password_is_told_so_whatever_its_will(@TempDir Path dir) throws Exception {
        Path passwords = Files.writeString(dir.resolve("passwords"), ANN + "\n");
        Path acl = Files.writeString(dir.resolve("acl"), "topic write open/#\n");
        try (TestBroker broker =
                new TestBroker.Wanted().passwordFile(passwords).aclFile(acl).start()) {
            for (String topic : List.of("open/a", "closed", "$SYS/x", "a/#")) {
                try (Peer stranger = Peer.at(broker.port())) {
                    stranger.send(Mqtt.V5
                            .connectHead(0xC6, 60)
                            .properties(new Bytes())
                            .text("stranger")
                            .properties(new Bytes())
                            .text(topic)
                            .text("m")
                            .text("ann")
                            .text("guessed")
                            .packet(0x10));
                    assertThat(stranger.next(Mqtt.CONNACK).body()[1] & 0xFF)
                            .as(topic)
                            .isEqualTo(BAD_USER_NAME_OR_PASSWORD);
                }
            }
        }
    }

    @Test
    void a_hash_in_capital_letters_and_a_line_behind_a_byte_order_mark_count(@TempDir Path dir) throws Exception {
        String bob = "bob:" + ANN.substring(ANN.indexOf(':') + 1).toUpperCase(Locale.ROOT);
        Path passwords = Files.writeString(dir.resolve("passwords"), "\uFEFF" + ANN + "\r\n" + bob + "\r\n");
        try (TestBroker broker = new TestBroker.Wanted().passwordFile(passwords).start()) {
            for (String name : List.of("ann", "bob")) {
                try (Peer peer = Peer.at(broker.port())) {
                    peer.send(Mqtt.V3_1_1
                            .connectHead(0xC2, 60)
                            .text(name)
                            .text(name)
                            .text("secret")
                            .packet(0x10));
                    assertThat(peer.next(Mqtt.CONNACK).body()[1]).as(name).isZero();
                }
            }
        }
    }

    @Test
    void what_moquette_would_refuse_is_refused_with_its_reason_and_not_captured() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#", "$SYS/#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "c")) {
            client.send(RawClient.publish("$SYS/x", 1, 1, "x"));
            assertThat(RawClient.reasonCode(client.read(5_000))).isEqualTo(TOPIC_NAME_INVALID);
            client.send(RawClient.publish("a/".repeat(200), 1, 2, "x"));
            assertThat(RawClient.reasonCode(client.read(5_000))).isEqualTo(TOPIC_NAME_INVALID);
            client.send(declaredText(3, new byte[] {(byte) 0xFF}));
            assertThat(RawClient.reasonCode(client.read(5_000))).isEqualTo(PAYLOAD_FORMAT_INVALID);
            client.send(declaredText(4, "ok".getBytes(UTF_8)));
            assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(4);

            assertThat(reader.read(1))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("ok");
        }
    }

    private static MqttPublishMessage declaredText(int packetId, byte[] payload) {
        io.netty.handler.codec.mqtt.MqttProperties properties = new io.netty.handler.codec.mqtt.MqttProperties();
        properties.add(new io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty(1, 1));
        return MqttMessageBuilders.publish()
                .topicName("t")
                .qos(MqttQoS.AT_LEAST_ONCE)
                .messageId(packetId)
                .properties(properties)
                .payload(Unpooled.wrappedBuffer(payload))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/x", "$share//t", "$share/a+/t", "$share", "$share/a/$share/b/t"})
    void a_shared_subscription_that_is_malformed_ends_its_connection_and_no_other(String filter) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<RawClient> others = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                others.add(RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "other-" + i));
            }
            try (RawClient evil = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "evil")) {
                evil.send(MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.AT_LEAST_ONCE, filter)
                        .build());
                MqttMessage disconnect = evil.read(5_000);
                assertThat(disconnect.fixedHeader().messageType()).isEqualTo(MqttMessageType.DISCONNECT);
                assertThat(RawClient.reasonCode(disconnect)).isEqualTo(TOPIC_FILTER_INVALID);
            }
            for (RawClient other : others) {
                other.send(RawClient.publish("t", 1, 1, "x"));
                assertThat(other.read(5_000)).isNotNull();
                other.close();
            }
            assertThat(reader.read(8)).hasSize(8);
        }
    }

    @Test
    void a_second_connect_ends_the_connection() throws Exception {
        try (TestBroker broker = TestBroker.start();
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            client.send(client.connect("c", true));
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
    }

    @Test
    void what_is_no_mqtt_ends_its_connection_and_no_other() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient good = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "good");
                RawClient bad = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8);
            bad.sendBytes(http, http.length);
            assertThat(bad.isClosedWithin(5_000)).isTrue();
            good.send(RawClient.publish("t", 1, 1, "x"));
            assertThat(good.read(5_000)).isNotNull();
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    @Test
    void a_client_that_exceeds_the_announced_receive_maximum_is_slowed_down_and_loses_nothing() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("#").close();
            int many = 3 * RECEIVE_MAXIMUM;
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "greedy")) {
                for (int i = 1; i <= many; i++) {
                    client.send(RawClient.publish("t", 1, i, "x"));
                }
                assertThat(client.read(300)).as("nobody is attached").isNull();
                try (TestBroker.Reader reader = broker.attach("#")) {
                    for (int i = 1; i <= many; i++) {
                        assertThat(client.read(5_000).fixedHeader().messageType())
                                .isEqualTo(MqttMessageType.PUBACK);
                    }
                    assertThat(reader.read(many)).hasSize(many);
                }
            }
        }
    }

    @Test
    void a_client_to_which_more_than_a_thousand_answers_are_owed_is_still_answered_when_it_pings() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("reader", AckMode.DELIVERED, "wanted/#").close();
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "bridge")) {
                for (int i = 1; i <= 1_500; i++) {
                    client.send(RawClient.publish("wanted/1", 1, i, "x"));
                }
                client.send(MqttMessage.PINGREQ);

                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PINGRESP);
                try (TestBroker.Reader reader = broker.attach("reader", AckMode.DELIVERED, "wanted/#")) {
                    reader.read(1_500);
                    for (int i = 1; i <= 1_500; i++) {
                        assertThat(client.read(5_000).fixedHeader().messageType())
                                .isEqualTo(MqttMessageType.PUBACK);
                    }
                }
            }
        }
    }

    @Test
    void a_client_is_not_read_without_bound_while_a_thousand_answers_wait_whatever_its_publishes_are()
            throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("reader", AckMode.DELIVERED, "wanted/#").close();
            int many = 60_000;
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "greedy")) {
                client.send(RawClient.publish("wanted/1", 1, 1, "x"));
                byte[] flood = client.encode(IntStream.rangeClosed(2, many)
                        .mapToObj(i -> RawClient.publish("unwanted", 1, i, "x".repeat(400)))
                        .toArray(MqttMessage[]::new));
                CompletableFuture<Boolean> sending = CompletableFuture.supplyAsync(() -> {
                    try {
                        client.sendBytes(flood, flood.length);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
                await().during(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(3))
                        .untilAsserted(() ->
                                assertThat(sending).as("nobody is attached").isNotDone());

                try (TestBroker.Reader reader = broker.attach("reader", AckMode.DELIVERED, "wanted/#")) {
                    assertThat(reader.read(1)).hasSize(1);
                    for (int i = 1; i <= many; i++) {
                        assertThat(client.read(5_000).fixedHeader().messageType())
                                .isEqualTo(MqttMessageType.PUBACK);
                    }
                }
                assertThat(sending).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(true);
            }
        }
    }

    @Test
    void a_publish_larger_than_allowed_ends_the_connection() throws IOException {
        try (TestBroker broker = TestBroker.start();
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "c")) {
            try {
                client.send(RawClient.publish("t", 1, 1, "x".repeat(1_000_100)));
            } catch (IOException e) {
                assertThat(e)
                        .as("closed before all of it was sent")
                        .hasMessageMatching("Broken pipe|Connection reset.*");
            }
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
    }
}
