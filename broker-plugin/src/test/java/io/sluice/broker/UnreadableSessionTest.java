package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoreOnFolder;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.file.FaultyFolder;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A disk that fails to read what waits for a client. */
class UnreadableSessionTest {

    private final FaultyFolder folder = new FaultyFolder();
    private final SharedBuffer buffer = SharedBuffer.open(TestBroker.memory(4 << 20, Overflow.BLOCK));
    private final SessionStore store;
    private final FrontDoor door;

    UnreadableSessionTest() throws IOException {
        store = StoreOnFolder.open(folder);
        door = FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)), buffer, store, new UnreleasedIds(buffer));
    }

    @AfterEach
    void close() {
        door.close();
        store.close();
        buffer.close();
    }

    private RawClient subscriber(MqttMessage... behind) throws IOException {
        RawClient client = new RawClient(door.listeners().get(0).port(), MqttVersion.MQTT_3_1_1);
        client.send(client.connect("subscriber", false));
        client.send(behind);
        assertNext(client, MqttMessageType.CONNACK);
        return client;
    }

    private static void assertNext(RawClient client, MqttMessageType type) throws IOException {
        MqttMessage next = client.read(5_000);
        assertThat(next).as("a packet in time").isNotNull();
        assertThat(next.fixedHeader().messageType()).isEqualTo(type);
    }

    private void publish() throws IOException {
        try (RawClient publisher =
                RawClient.connected(door.listeners().get(0).port(), MqttVersion.MQTT_3_1_1, "publisher")) {
            publisher.send(RawClient.publish("t", 1, 1, "x"));
            assertNext(publisher, MqttMessageType.PUBACK);
        }
    }

    @Test
    void disconnects_the_client_which_gets_everything_when_it_is_back() throws Exception {
        try (RawClient away = subscriber(MqttMessageBuilders.subscribe()
                .messageId(1)
                .addSubscription(MqttQoS.AT_LEAST_ONCE, "t")
                .build())) {
            assertNext(away, MqttMessageType.SUBACK);
        }
        publish();
        folder.failReadsFrom(name -> true);
        try (RawClient back = subscriber()) {
            assertThat(back.isClosedWithin(5_000)).isTrue();
        }
        folder.failReadsFrom(name -> false);
        try (RawClient again = subscriber()) {
            assertNext(again, MqttMessageType.PUBLISH);
        }
    }
}
