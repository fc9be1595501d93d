package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.Overflow;
import org.junit.jupiter.api.Test;

/** What publishers notice of a buffer that is full. */
class FullBufferTest {

    private static final int QUOTA_EXCEEDED = 0x97;

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
                reason = RawClient.reasonCode(mqtt5.read(5_000));
                accepted += reason == 0 ? 1 : 0;
            }
            assertThat(reason).isEqualTo(QUOTA_EXCEEDED);
            mqtt3.send(RawClient.publish("t", 1, 1, payload));
            assertThat(mqtt3.isClosedWithin(5_000)).isTrue();
            assertThat(reader.read(accepted)).hasSize(accepted);

            await().untilAsserted(() -> {
                mqtt5.send(RawClient.publish("t", 1, 1_000, payload));
                assertThat(RawClient.reasonCode(mqtt5.read(5_000))).isZero();
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
            assertThat(RawClient.reasonCode(client.read(5_000))).isZero();
            assertThat(RawClient.reasonCode(client.read(5_000))).isEqualTo(QUOTA_EXCEEDED);
            assertThat(RawClient.reasonCode(client.read(5_000))).isZero();
            assertThat(reader.read(2))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("before", "after");
        }
    }
}
