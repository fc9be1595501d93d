package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.file.FaultyFolder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)),
                buffer,
                store,
                new UnreleasedIds(buffer, 1 << 20));
    }

    /** Packet identifiers that a process finds in use which opens the files as they are now. */
    private static Map<String, Set<Integer>> inUse(FaultyFolder disk) {
        try (SharedBuffer copy =
                TestMessages.open(TestBroker.memory(64 << 20, Overflow.BLOCK), new FaultyFolder(disk.current()))) {
            return TestMessages.unreleased(copy);
        }
    }

    private static MqttConnectMessage kept(String clientId, int expirySeconds) {
        MqttProperties properties = new MqttProperties();
        properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), expirySeconds));
        return MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(clientId)
                .keepAlive(60)
                .properties(properties)
                .build();
    }

    private static MqttMessage disconnect(int expirySeconds) {
        MqttProperties properties = new MqttProperties();
        properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), expirySeconds));
        return MqttMessageBuilders.disconnect()
                .reasonCode((byte) 0)
                .properties(properties)
                .build();
    }

    @Test
    void identifiers_are_free_when_the_session_has_expired_and_the_client_never_comes_back() throws Exception {
        FaultyFolder disk = new FaultyFolder();
        try (SharedBuffer onDisk = TestMessages.open(TestBroker.memory(64 << 20, Overflow.BLOCK), disk);
                Attachment reader = TestMessages.attach(onDisk, TestMessages.spec("reader", "captured/#"));
                FrontDoor door = FrontDoor.open(
                        TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)),
                        onDisk,
                        store,
                        new UnreleasedIds(onDisk, 1 << 20))) {
            try (RawClient lost = new RawClient(door.listeners().get(0).port(), MqttVersion.MQTT_5);
                    RawClient leaves = new RawClient(door.listeners().get(0).port(), MqttVersion.MQTT_5);
                    RawClient stays = new RawClient(door.listeners().get(0).port(), MqttVersion.MQTT_5)) {
                lost.send(kept("lost", 1));
                leaves.send(kept("leaves", 3_600));
                stays.send(kept("stays", 3_600));
                for (RawClient client : List.of(lost, leaves, stays)) {
                    next(client);
                    client.send(RawClient.publish("captured/x", 2, 7, "x"));
                    assertThat(next(client).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBREC);
                }
                assertThat(inUse(disk)).containsOnlyKeys("lost", "leaves", "stays");
                leaves.send(disconnect(0));
            }
            await().untilAsserted(() -> assertThat(inUse(disk)).containsOnlyKeys("stays"));
            assertThat(reader.lanes()).isNotNull();
        }
    }

    private static MqttMessage next(RawClient client) throws Exception {
        return Objects.requireNonNull(client.read(5_000), "no answer");
    }

    @Test
    void a_client_that_never_releases_is_refused_and_one_that_does_is_served_exactly_once() throws Exception {
        try (FrontDoor door = open();
                RawClient greedy = RawClient.connected(door.listeners().get(0).port(), MqttVersion.MQTT_5, "greedy");
                RawClient modest =
                        RawClient.connected(door.listeners().get(0).port(), MqttVersion.MQTT_3_1_1, "modest")) {
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
            int port = door.listeners().get(0).port();
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
