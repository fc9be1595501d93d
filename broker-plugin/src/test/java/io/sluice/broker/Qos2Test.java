package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
            client.send(Packets.pubrel(5));
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
            client.send(Packets.pubrel(9));
            MqttMessage answer = next(client);
            assertThat(answer.fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);
            assertThat(((MqttPubReplyMessageVariableHeader) answer.variableHeader()).reasonCode())
                    .isEqualTo((byte) 0x92);
            old.send(Packets.pubrel(9));
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
            client.send(Packets.pubrel(5));
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
                client.send(RawClient.publish("t", 2, 6, "withheld"), Packets.pubrel(5));
                expect(client, MqttMessageType.PUBCOMP, 5);
                assertThat(client.read(200)).isNull();
            }
        }
    }
}
