package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.MessageKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionEventsTest {

    @Test
    void who_comes_and_goes_is_captured_in_order_with_what_it_publishes() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#", ConnectionTopics.ALL.toString())) {
            try (RawClient polite = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "polite")) {
                polite.send(
                        RawClient.publish("t", 0, 0, "x"),
                        new MqttMessage(new MqttFixedHeader(
                                MqttMessageType.DISCONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0)));
                assertThat(polite.isClosedWithin(5_000)).isTrue();
            }
            assertThat(reader.read(3))
                    .extracting(stored -> stored.message().kind())
                    .containsExactly(MessageKind.CONNECTED, MessageKind.PUBLISH, MessageKind.DISCONNECTED);

            RawClient.connected(broker.port(), MqttVersion.MQTT_5, "rude").close();
            List<StoredMessage> events = reader.read(2);
            assertThat(events)
                    .extracting(stored -> stored.message().kind())
                    .containsExactly(MessageKind.CONNECTED, MessageKind.CONNECTION_LOST);
            assertThat(UTF_8.decode(events.get(0).message().payload()).toString())
                    .contains("\"clientId\":\"rude\"", "\"event\":\"connected\"", "\"protocolVersion\":5");
            assertThat(events.get(0).message().topic()).isEqualTo("$connections/rude");
        }
    }

    @Test
    void nothing_is_said_of_connections_unless_somebody_wants_to_know() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "c")) {
                client.send(RawClient.publish("t", 1, 1, "x"));
                assertThat(client.read(5_000)).isNotNull();
            }
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().kind())
                    .containsExactly(MessageKind.PUBLISH);
            assertThat(reader.next(1, java.time.Duration.ofMillis(300))).isEmpty();
        }
    }
}
