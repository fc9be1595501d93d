package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.UnreleasedIds;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Attachment;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that publish at QoS 2 and never release (PUBREL). */
@Timeout(60)
class UnreleasedTest {

    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int MANY = 3_000;

    private final SharedBuffer buffer = SharedBuffer.open(TestBroker.memory(64 << 20, Overflow.BLOCK));
    private final Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("reader", "captured/#"));
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);

    @AfterEach
    void close() {
        consumer.close();
        store.close();
        buffer.close();
    }

    private FrontDoor open() throws Exception {
        return FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(AccessConfig.open())),
                buffer,
                store,
                new UnreleasedIds(buffer, 1 << 20));
    }

    private static MqttMessage next(RawClient client) throws Exception {
        return Objects.requireNonNull(client.read(5_000), "no answer");
    }

    @Test
    void a_client_that_never_releases_is_refused_and_one_that_does_is_served_exactly_once() throws Exception {
        try (FrontDoor door = open();
                RawClient greedy = RawClient.connected(door.ports().get(0), MqttVersion.MQTT_5, "greedy");
                RawClient modest = RawClient.connected(door.ports().get(0), MqttVersion.MQTT_3_1_1, "modest")) {
            for (String topic : List.of("captured/x", "other")) {
                int refused = 0;
                for (int id = 1; id <= MANY; id++) {
                    greedy.send(RawClient.publish(topic, 2, id, "x"));
                    MqttMessage pubrec = next(greedy);
                    assertThat(RawClient.packetId(pubrec)).isEqualTo(id);
                    refused += RawClient.reasonCode(pubrec) == QUOTA_EXCEEDED ? 1 : 0;
                }
                assertThat(refused).isBetween(MANY / 2, MANY - 100);
                assertThat(door.stats().refusedPublishes()).isGreaterThanOrEqualTo(refused);
                for (int id = 1; id <= 200; id++) {
                    modest.send(RawClient.publish("captured/modest", 2, id, "m" + id));
                    assertThat(next(modest).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
                    modest.send(RawClient.pubrel(id));
                    assertThat(next(modest).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);
                }
                int accepted = MANY - refused;
                for (int id = 1; id <= accepted; id++) {
                    greedy.send(RawClient.pubrel(id));
                    assertThat(RawClient.reasonCode(next(greedy))).isZero();
                }
                greedy.send(RawClient.publish(topic, 2, MANY, "again"));
                assertThat(RawClient.reasonCode(next(greedy))).isZero();
                greedy.send(RawClient.pubrel(MANY));
                assertThat(RawClient.reasonCode(next(greedy))).isZero();
            }
            assertThat(TestMessages.read(consumer, 100_000).stream()
                            .filter(stored -> stored.message().clientId().equals("modest")))
                    .hasSize(400);
        }
    }

    @Test
    void a_client_that_cannot_be_told_so_loses_its_connection_and_may_release_when_it_comes_back() throws Exception {
        try (FrontDoor door = open()) {
            int port = door.ports().get(0);
            int accepted = 0;
            try (RawClient greedy = new RawClient(port, MqttVersion.MQTT_3_1_1)) {
                greedy.send(greedy.connect("greedy", false));
                next(greedy);
                for (MqttMessage answer = null; accepted < MANY && (accepted == 0 || answer != null); ) {
                    greedy.send(RawClient.publish("captured/x", 2, accepted + 1, "x"));
                    answer = greedy.read(5_000);
                    accepted += answer == null ? 0 : 1;
                }
                assertThat(accepted).isBetween(100, MANY / 2);
            }
            try (RawClient greedy = new RawClient(port, MqttVersion.MQTT_3_1_1)) {
                greedy.send(greedy.connect("greedy", false));
                next(greedy);
                for (int id = 1; id <= accepted; id++) {
                    greedy.send(RawClient.pubrel(id));
                    assertThat(next(greedy).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBCOMP);
                }
                greedy.send(RawClient.publish("captured/x", 2, MANY, "x"));
                assertThat(next(greedy).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
            }
            assertThat(TestMessages.read(consumer, accepted + 1)).hasSize(accepted + 1);
        }
    }
}
