package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a fault costs that strikes while the broker serves one client. */
class FailingCommandTest {

    private static final MqttMessage SUBSCRIBE = MqttMessageBuilders.subscribe()
            .messageId(1)
            .addSubscription(MqttQoS.AT_MOST_ONCE, "t")
            .build();

    private final AtomicBoolean isPoisoned = new AtomicBoolean();
    private volatile String mayNotDeliverTo = "";
    private final SharedBuffer buffer = SharedBuffer.open(TestBroker.memory(4 << 20, Overflow.BLOCK));
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);

    /** Fails on the session's loop, where it is asked when a session is continued, and not at the door. */
    private final IAuthorizatorPolicy rules = new IAuthorizatorPolicy() {
        @Override
        public boolean canWrite(Topic topic, @Nullable String user, String client) {
            return true;
        }

        @Override
        public boolean canRead(Topic topic, @Nullable String user, String client) {
            if (isPoisoned.get() && Thread.currentThread().getName().startsWith("sluice-sessions")) {
                throw new IllegalStateException("a fault that nobody foresaw");
            }
            if (client.equals(mayNotDeliverTo)) {
                throw new StackOverflowError("a fault that nobody foresaw");
            }
            return true;
        }
    };

    @AfterEach
    void close() {
        store.close();
        buffer.close();
    }

    @Test
    void a_command_that_fails_costs_its_client_the_connection_and_no_other() throws Exception {
        try (FrontDoor door = open()) {
            int port = door.listeners().get(0).port();
            List<RawClient> others = connectOthers(port, 8);
            connectAndSubscribe(port).close();
            isPoisoned.set(true);
            try (RawClient poison = new RawClient(port, MqttVersion.MQTT_3_1_1)) {
                poison.send(poison.connect("poison", false));
                assertThat(poison.read(5_000))
                        .isInstanceOfSatisfying(
                                MqttConnAckMessage.class,
                                connack -> assertThat(connack.variableHeader().connectReturnCode())
                                        .isEqualTo(MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE));
            }
            isPoisoned.set(false);
            subscribe(others);
            try (RawClient back = connectAndSubscribe(port)) {
                back.send(RawClient.publish("t", 0, 0, "x"));
                receive(others);
            }
            assertThat(door.stats().refusedClients()).isEqualTo(1);
        }
    }

    @Test
    void a_delivery_that_fails_costs_its_subscriber_the_connection_and_no_other_the_message() throws Exception {
        try (FrontDoor door = open()) {
            int port = door.listeners().get(0).port();
            List<RawClient> others = connectOthers(port, 32);
            subscribe(others);
            try (RawClient poison = connectAndSubscribe(port)) {
                mayNotDeliverTo = "poison";
                others.get(0).send(RawClient.publish("t", 0, 0, "x"));
                receive(others);
                assertThat(poison.isClosedWithin(5_000)).isTrue();
            }
        }
    }

    private FrontDoor open() throws IOException {
        return FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN, rules)),
                buffer,
                store,
                new UnreleasedIds(buffer));
    }

    private static List<RawClient> connectOthers(int port, int count) throws IOException {
        List<RawClient> others = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            others.add(RawClient.connected(port, MqttVersion.MQTT_3_1_1, "other-" + i));
        }
        return others;
    }

    private static void subscribe(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.send(SUBSCRIBE);
            expect(client, MqttMessageType.SUBACK);
        }
    }

    private static void receive(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            expect(client, MqttMessageType.PUBLISH);
            client.close();
        }
    }

    private static RawClient connectAndSubscribe(int port) throws IOException {
        RawClient client = new RawClient(port, MqttVersion.MQTT_3_1_1);
        client.send(client.connect("poison", false), SUBSCRIBE);
        expect(client, MqttMessageType.CONNACK);
        expect(client, MqttMessageType.SUBACK);
        return client;
    }

    private static void expect(RawClient client, MqttMessageType type) throws IOException {
        MqttMessage next = client.read(5_000);
        assertThat(next).as(type.name()).isNotNull();
        assertThat(next.fixedHeader().messageType()).isEqualTo(type);
    }
}
