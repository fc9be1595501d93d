package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.consumer.AckMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When publishers are answered. */
class AcknowledgementTest {

    /** The buffer takes no more when too many wait for Kafka. */
    @Test
    void nobody_waits_for_what_is_published_at_qos_0() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader delivered = broker.attach("delivered", AckMode.DELIVERED, "t");
                TestBroker.Reader buffered = broker.attach("buffered", AckMode.BUFFERED, "other");
                Peer device = Peer.connected(broker.port(), Mqtt.V5, "device")) {
            device.send(Mqtt.V5.publish("t", 0, 0, "x"), Mqtt.pingreq());
            device.next(Mqtt.PINGRESP);
            for (int id = 1; id < 3; id++) {
                device.send(Mqtt.V5.publish("other", 1, id, "x"));
                device.next(Mqtt.PUBACK);
            }
            assertThat(broker.broker().stats().buffer().withheld()).isZero();
            assertThat(delivered.read(1)).hasSize(1);
            assertThat(buffered.read(2)).hasSize(2);
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
}
