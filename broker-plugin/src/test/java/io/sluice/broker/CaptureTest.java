package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is captured of what clients publish. */
class CaptureTest {

    @Test
    void an_mqtt5_publish_is_captured_with_all_its_properties() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("sensors/#")) {
            Mqtt5BlockingClient device = broker.connected("device-1");
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
            assertThat(TestBroker.text(message)).isEqualTo("21.5");
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
                    .extracting(stored -> TestBroker.text(stored.message()))
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
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 40)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(client.read(5_000))
                    .extracting(packet -> packet.fixedHeader().messageType())
                    .isEqualTo(MqttMessageType.CONNACK);
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
                client.send(RawClient.pubrel(5));
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);

                client.send(RawClient.publish("t", 2, 5, "another"));
                assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
            }
            assertThat(reader.read(2))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("once", "another");
            assertThat(reader.next(1, Duration.ofMillis(200))).isEmpty();
        }
    }
}
