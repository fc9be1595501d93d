package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.AckMode;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrontDoorTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int TOPIC_NAME_INVALID = 0x90;
    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int PAYLOAD_FORMAT_INVALID = 0x99;
    private static final int SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9E;

    @Test
    void an_mqtt5_publish_is_captured_with_all_its_properties() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("sensors/#")) {
            Mqtt5BlockingClient device = hivemq(broker, "device-1");
            device.publish(Mqtt5Publish.builder()
                    .topic("sensors/1/temp")
                    .payload("21.5".getBytes(UTF_8))
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .messageExpiryInterval(60)
                    .contentType("text/plain")
                    .responseTopic("answers/1")
                    .correlationData(new byte[] {0, 1, 2})
                    .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                    .userProperties(Mqtt5UserProperties.builder()
                            .add("unit", "C")
                            .add("site", "b")
                            .add("unit", "K")
                            .build())
                    .build());

            Message message = reader.read(1).get(0).message();

            assertThat(message.kind()).isEqualTo(MessageKind.PUBLISH);
            assertThat(message.clientId()).isEqualTo("device-1");
            assertThat(message.username()).isEmpty();
            assertThat(message.topic()).isEqualTo("sensors/1/temp");
            assertThat(message.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(message.retained()).isTrue();
            assertThat(message.duplicate()).isFalse();
            assertThat(message.packetId()).isPositive();
            assertThat(text(message)).isEqualTo("21.5");
            assertThat(message.receivedAtMs())
                    .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
            assertThat(message.properties().payloadIsUtf8()).isTrue();
            assertThat(message.properties().messageExpirySeconds()).isEqualTo(OptionalLong.of(60));
            assertThat(message.properties().contentType()).contains("text/plain");
            assertThat(message.properties().responseTopic()).contains("answers/1");
            assertThat(message.properties().correlationData()).contains(ByteBuffer.wrap(new byte[] {0, 1, 2}));
            assertThat(message.properties().userProperties())
                    .containsExactly(
                            new UserProperty("unit", "C"),
                            new UserProperty("site", "b"),
                            new UserProperty("unit", "K"));
            device.disconnect();
        }
    }

    @Test
    void an_mqtt_3_1_1_client_publishes_at_every_qos_and_in_order() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                org.eclipse.paho.client.mqttv3.MqttClient device = new org.eclipse.paho.client.mqttv3.MqttClient(
                        "tcp://127.0.0.1:" + broker.port(), "paho", new MemoryPersistence())) {
            device.connect();
            for (int i = 0; i < 60; i++) {
                device.publish("a/" + i % 2, Integer.toString(i).getBytes(UTF_8), i % 3, false);
            }

            List<StoredMessage> messages = reader.read(60);

            assertThat(messages)
                    .extracting(stored -> text(stored.message()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 60).mapToObj(Integer::toString).toList());
            assertThat(messages)
                    .extracting(stored -> stored.message().qos().level())
                    .startsWith(0, 1, 2, 0, 1, 2);
            device.disconnect();
        }
    }

    @Test
    void a_client_publishes_over_websocket() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = MqttClient.builder()
                    .useMqttVersion5()
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port(Listener.Transport.WS))
                    .webSocketConfig()
                    .serverPath("mqtt")
                    .applyWebSocketConfig()
                    .buildBlocking();
            device.connect();
            device.publishWith()
                    .topic("ws")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("x".getBytes(UTF_8))
                    .send();

            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("ws");
            device.disconnect();
        }
    }

    @ParameterizedTest
    @CsvSource({"http://evil.example, 403", "http://127.0.0.1:8080, 101", "null, 403", ", 101"})
    void a_websocket_is_opened_only_for_pages_of_the_brokers_own_host(@Nullable String origin, String status)
            throws Exception {
        assertUpgrade(new TestBroker.Wanted(), origin, status);
    }

    @ParameterizedTest
    @CsvSource({
        "https://shop.example, 101",
        "https://SHOP.example, 101",
        "https://shop.example:8443, 403",
        "http://shop.example, 403",
        "https://evil.shop.example, 403",
        "http://127.0.0.1:8080, 101",
        ", 101"
    })
    void a_websocket_is_opened_for_pages_of_named_origins_too(@Nullable String origin, String status) throws Exception {
        assertUpgrade(
                new TestBroker.Wanted().webSocketOrigins("https://other.example", "https://shop.example"),
                origin,
                status);
    }

    @ParameterizedTest
    @CsvSource({"http://anybody.example, 101", "null, 101"})
    void a_websocket_is_opened_for_pages_of_any_origin_if_that_is_wanted(String origin, String status)
            throws Exception {
        assertUpgrade(new TestBroker.Wanted().webSocketOrigins("*"), origin, status);
    }

    private static void assertUpgrade(TestBroker.Wanted wanted, @Nullable String origin, String status)
            throws Exception {
        try (TestBroker broker = wanted.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.WS))) {
            String request = "GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Protocol: mqtt\r\n"
                    + (origin == null ? "" : "Origin: " + origin + "\r\n")
                    + "\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            BufferedReader answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(answer.readLine()).startsWith("HTTP/1.1 " + status);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttVersion.class,
            names = {"MQTT_3_1_1", "MQTT_5"})
    void publishes_sent_right_behind_connect_are_all_captured(MqttVersion version) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = new RawClient(broker.port(), version)) {
            List<MqttMessage> packets = new ArrayList<>();
            packets.add(client.connect("eager", true));
            for (int i = 1; i <= 40; i++) {
                packets.add(RawClient.publish("t", i % 3, i, Integer.toString(i)));
            }
            client.send(packets.toArray(new MqttMessage[0]));

            assertThat(reader.read(40))
                    .extracting(stored -> text(stored.message()))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 40)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(client.read(5_000))
                    .extracting(packet -> packet.fixedHeader().messageType())
                    .isEqualTo(MqttMessageType.CONNACK);
        }
    }

    @Test
    void answers_come_in_the_order_of_the_publishes() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("wanted/#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            List<MqttMessage> packets = new ArrayList<>();
            for (int i = 1; i <= 100; i++) {
                packets.add(RawClient.publish(i % 2 == 0 ? "wanted/x" : "unwanted", 1, i, "x"));
            }
            client.send(packets.toArray(new MqttMessage[0]));

            for (int i = 1; i <= 100; i++) {
                assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(i);
            }
            assertThat(reader.read(50)).hasSize(50);
        }
    }

    @Test
    void acknowledgements_are_withheld_while_nobody_is_attached_and_pings_are_answered() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("#").close();
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
                client.send(RawClient.publish("t", 1, 7, "x"));
                assertThat(client.read(300)).as("PUBACK").isNull();
                client.send(new MqttMessage(
                        new MqttFixedHeader(MqttMessageType.PINGREQ, false, MqttQoS.AT_MOST_ONCE, false, 0)));
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PINGRESP);

                try (TestBroker.Reader reader = broker.attach("#")) {
                    MqttMessage puback = client.read(5_000);
                    assertThat(puback.fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBACK);
                    assertThat(RawClient.packetId(puback)).isEqualTo(7);
                    assertThat(reader.read(1)).hasSize(1);
                }
            }
        }
    }

    @Test
    void what_a_consumer_wants_delivered_is_acknowledged_when_it_has_acknowledged_it() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader careful = broker.attach("careful", AckMode.DELIVERED, "precious/#");
                TestBroker.Reader other = broker.attach("other", AckMode.BUFFERED, "#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            client.send(RawClient.publish("common", 1, 1, "x"));
            assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(1);
            client.send(RawClient.publish("precious/x", 1, 2, "x"));
            assertThat(other.read(2)).hasSize(2);
            assertThat(careful.peek(1, Duration.ofSeconds(5))).hasSize(1);
            assertThat(client.read(300))
                    .as("PUBACK before the careful consumer's acknowledgement")
                    .isNull();

            careful.acknowledge();
            assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(2);
        }
    }

    @Test
    void received_is_enough_where_a_consumer_says_so() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("hasty", AckMode.RECEIVED, "#").close();
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
                client.send(RawClient.publish("t", 1, 1, "x"));
                assertThat(RawClient.packetId(client.read(5_000)))
                        .as("although nobody is attached")
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void a_qos_2_publish_sent_again_before_its_release_is_answered_and_not_captured_again() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                client.send(client.connect("c", false), RawClient.publish("t", 2, 5, "once"));
                client.read(5_000);
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
            }
            try (RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                client.send(client.connect("c", false), RawClient.publish("t", 2, 5, "once"));
                client.read(5_000);
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
                client.send(Packets.pubrel(5));
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);

                client.send(RawClient.publish("t", 2, 5, "another"));
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
            }
            assertThat(reader.read(2))
                    .extracting(stored -> text(stored.message()))
                    .containsExactly("once", "another");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void subscribers_receive_what_is_published_at_the_publishers_qos(int qos) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("captured/#")) {
            Mqtt5BlockingClient subscriber = hivemq(broker, "subscriber");
            try (Mqtt5BlockingClient.Mqtt5Publishes received = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
                subscriber
                        .subscribeWith()
                        .topicFilter("#")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .send();
                Mqtt5BlockingClient device = hivemq(broker, "device");
                for (int i = 0; i < 500; i++) {
                    device.publishWith()
                            .topic(i % 2 == 0 ? "captured/x" : "passed/x")
                            .qos(MqttQos.fromCode(qos))
                            .payload(Integer.toString(i).getBytes(UTF_8))
                            .send();
                }
                device.disconnect();
                for (int i = 0; i < 500; i++) {
                    Mqtt5Publish publish = received.receive(5, TimeUnit.SECONDS).orElseThrow();
                    assertThat(new String(publish.getPayloadAsBytes(), UTF_8)).isEqualTo(Integer.toString(i));
                    assertThat(publish.getQos().getCode()).isEqualTo(qos);
                }
            }
            assertThat(reader.read(250)).hasSize(250);
            subscriber.disconnect();
        }
    }

    @Test
    void without_fanout_publishes_are_captured_and_acknowledged_but_reach_no_subscriber() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted().withoutFanout().start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient client = hivemq(broker, "both");
            try (Mqtt5BlockingClient.Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL)) {
                client.subscribeWith().topicFilter("#").send();
                client.publishWith().topic("t").qos(MqttQos.EXACTLY_ONCE).send();

                assertThat(reader.read(1)).hasSize(1);
                assertThat(received.receive(300, TimeUnit.MILLISECONDS)).isEmpty();
            }
            client.disconnect();
        }
    }

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
            assertThat(reasonCode(mqtt5.read(5_000))).isEqualTo(NOT_AUTHORIZED);
            assertThat(reasonCode(mqtt5.read(5_000))).isEqualTo(NOT_AUTHORIZED);
            assertThat(RawClient.packetId(mqtt5.read(5_000))).isEqualTo(3);

            mqtt3.send(RawClient.publish("closed", 0, 0, "no"), RawClient.publish("open/a", 1, 1, "yes"));
            assertThat(RawClient.packetId(mqtt3.read(5_000))).isEqualTo(1);
            mqtt3.send(RawClient.publish("closed", 1, 2, "no"));
            assertThat(mqtt3.isClosedWithin(5_000)).isTrue();

            wild.send(RawClient.publish("own/five/a", 1, 1, "no"));
            assertThat(reasonCode(wild.read(5_000))).isEqualTo(NOT_AUTHORIZED);

            assertThat(reader.read(2))
                    .extracting(stored -> text(stored.message()))
                    .containsExactly("yes", "yes");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }

    @Test
    void a_password_file_lets_in_only_those_it_names(@TempDir Path dir) throws Exception {
        Path passwords = Files.writeString(
                dir.resolve("passwords"), "ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n");
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

    @Test
    void what_moquette_would_refuse_is_refused_with_its_reason_and_not_captured() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#", "$SYS/#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "c")) {
            client.send(RawClient.publish("$SYS/x", 1, 1, "x"));
            assertThat(reasonCode(client.read(5_000))).isEqualTo(TOPIC_NAME_INVALID);
            client.send(RawClient.publish("a/".repeat(200), 1, 2, "x"));
            assertThat(reasonCode(client.read(5_000))).isEqualTo(TOPIC_NAME_INVALID);
            client.send(declaredText(3, new byte[] {(byte) 0xFF}));
            assertThat(reasonCode(client.read(5_000))).isEqualTo(PAYLOAD_FORMAT_INVALID);
            client.send(declaredText(4, "ok".getBytes(UTF_8)));
            assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(4);

            assertThat(reader.read(1))
                    .extracting(stored -> text(stored.message()))
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
    @ValueSource(strings = {"$share/x", "$share//t", "$share/a+/t", "$share", "$share/group/t"})
    void a_shared_subscription_ends_its_connection_and_no_other(String filter) throws Exception {
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
                assertThat(reasonCode(disconnect)).isEqualTo(SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
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
    void a_full_buffer_that_blocks_holds_publishes_back_answers_pings_and_goes_on_when_drained() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .buffer(TestBroker.memory(400_000, Overflow.BLOCK))
                        .start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
            String payload = "x".repeat(1_000);
            for (int i = 1; i <= 800; i++) {
                client.send(RawClient.publish("t", 1, i, payload));
            }
            int acknowledged = 0;
            while (client.read(500) != null) {
                acknowledged++;
            }
            assertThat(acknowledged).isBetween(100, 700);
            client.send(new MqttMessage(
                    new MqttFixedHeader(MqttMessageType.PINGREQ, false, MqttQoS.AT_MOST_ONCE, false, 0)));
            assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PINGRESP);

            assertThat(reader.read(800)).hasSize(800);
            for (int i = acknowledged + 1; i <= 800; i++) {
                assertThat(RawClient.packetId(client.read(5_000))).isEqualTo(i);
            }
        }
    }

    @Test
    void a_full_buffer_that_rejects_says_so() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .buffer(TestBroker.memory(400_000, Overflow.REJECT))
                        .start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient mqtt5 = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "five");
                RawClient mqtt3 = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "three")) {
            String payload = "x".repeat(1_000);
            int accepted = 0;
            int reason = 0;
            for (int i = 1; i <= 800 && reason == 0; i++) {
                mqtt5.send(RawClient.publish("t", 1, i, payload));
                reason = reasonCode(mqtt5.read(5_000));
                accepted += reason == 0 ? 1 : 0;
            }
            assertThat(reason).isEqualTo(QUOTA_EXCEEDED);
            mqtt3.send(RawClient.publish("t", 1, 1, payload));
            assertThat(mqtt3.isClosedWithin(5_000)).isTrue();
            assertThat(reader.read(accepted)).hasSize(accepted);

            await().untilAsserted(() -> {
                mqtt5.send(RawClient.publish("t", 1, 1_000, payload));
                assertThat(reasonCode(mqtt5.read(5_000))).isZero();
            });
        }
    }

    @Test
    void a_publish_larger_than_the_buffer_is_refused_and_those_around_it_are_not() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .buffer(TestBroker.memory(400_000, Overflow.BLOCK))
                        .start();
                TestBroker.Reader reader = broker.attach("#");
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "c")) {
            client.send(
                    RawClient.publish("t", 1, 1, "before"),
                    RawClient.publish("t", 1, 2, "x".repeat(500_000)),
                    RawClient.publish("t", 1, 3, "after"));
            assertThat(reasonCode(client.read(5_000))).isZero();
            assertThat(reasonCode(client.read(5_000))).isEqualTo(QUOTA_EXCEEDED);
            assertThat(reasonCode(client.read(5_000))).isZero();
            assertThat(reader.read(2))
                    .extracting(stored -> text(stored.message()))
                    .containsExactly("before", "after");
        }
    }

    @Test
    void a_client_that_exceeds_the_announced_receive_maximum_is_disconnected() throws Exception {
        try (TestBroker broker = TestBroker.start()) {
            broker.attach("#").close();
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "greedy")) {
                for (int i = 1; i <= FrontDoor.RECEIVE_MAXIMUM; i++) {
                    client.send(RawClient.publish("t", 1, i, "x"));
                }
                assertThat(client.read(300)).isNull();
                client.send(RawClient.publish("t", 1, FrontDoor.RECEIVE_MAXIMUM + 1, "x"));
                MqttMessage disconnect = client.read(5_000);
                assertThat(disconnect.fixedHeader().messageType()).isEqualTo(MqttMessageType.DISCONNECT);
                assertThat(reasonCode(disconnect)).isEqualTo(0x93);
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

    @Test
    void subscriptions_of_a_persistent_session_receive_what_was_published_meanwhile() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            org.eclipse.paho.client.mqttv3.MqttClient sleeper = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "sleeper", new MemoryPersistence());
            MqttConnectOptions persistent = new MqttConnectOptions();
            persistent.setCleanSession(false);
            sleeper.connect(persistent);
            sleeper.subscribe("t", 1);
            sleeper.disconnect();
            try (RawClient device = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "device")) {
                device.send(RawClient.publish("t", 1, 1, "missed"));
                assertThat(device.read(5_000)).isNotNull();
            }
            List<String> received = new java.util.concurrent.CopyOnWriteArrayList<>();
            sleeper.setCallback(new org.eclipse.paho.client.mqttv3.MqttCallbackExtended() {
                @Override
                public void connectComplete(boolean reconnect, String serverUri) {}

                @Override
                public void connectionLost(Throwable cause) {}

                @Override
                public void messageArrived(String topic, org.eclipse.paho.client.mqttv3.MqttMessage message) {
                    received.add(new String(message.getPayload(), UTF_8));
                }

                @Override
                public void deliveryComplete(org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
            });
            assertThat(sleeper.connectWithResult(persistent).getSessionPresent())
                    .isTrue();
            await().untilAsserted(() -> assertThat(received).containsExactly("missed"));
            assertThat(reader.read(1)).hasSize(1);
            sleeper.disconnect();
            sleeper.close();
        }
    }

    private static Mqtt5BlockingClient hivemq(TestBroker broker, String clientId) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId.isEmpty() ? UUID.randomUUID().toString() : clientId)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .buildBlocking();
        client.connect();
        return client;
    }

    private static String text(Message message) {
        return UTF_8.decode(message.payload().duplicate()).toString();
    }

    private static int reasonCode(MqttMessage packet) {
        if (packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply) {
            return reply.reasonCode() & 0xFF;
        }
        return packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? header.reasonCode() & 0xFF
                : 0;
    }
}
