package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that want to know nothing more of a session that the broker has kept for them. */
class CleanStartTest {

    @TempDir
    Path dir;

    @Test
    void a_session_that_a_client_was_told_is_gone_does_not_come_back_after_a_crash() throws Exception {
        try (TestBroker broker = start("before")) {
            leaveLastingSession(broker.port());
            try (RawClient anew = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
                assertThat(isSessionPresent(anew, true)).isFalse();
                TestBroker.leaveAsKilled(dir.resolve("before"), dir.resolve("after"));
            }
        }
        assertNoSession("after");
    }

    @Test
    void a_session_of_a_former_run_does_not_come_back_either() throws Exception {
        try (TestBroker broker = start("first")) {
            leaveLastingSession(broker.port());
            TestBroker.leaveAsKilled(dir.resolve("first"), dir.resolve("second"));
        }
        try (TestBroker broker = start("second");
                RawClient anew = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            assertThat(isSessionPresent(anew, true)).isFalse();
            TestBroker.leaveAsKilled(dir.resolve("second"), dir.resolve("third"));
        }
        assertNoSession("third");
    }

    @Test
    void a_session_that_was_to_end_with_its_connection_does_not_come_back_after_a_crash() throws Exception {
        try (TestBroker broker = start("before");
                RawClient passing = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1);
                RawClient lasting = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            subscribe(passing, true);
            lasting.send(lasting.connect("has the store written", false));
            assertThat(lasting.read(10_000)).isInstanceOf(MqttConnAckMessage.class);
            TestBroker.leaveAsKilled(dir.resolve("before"), dir.resolve("after"));
        }
        assertNoSession("after");
    }

    private TestBroker start(String folder) {
        return new TestBroker.Wanted()
                .buffer(TestBroker.disk(dir.resolve(folder)))
                .start();
    }

    private static void leaveLastingSession(int port) throws IOException {
        try (RawClient client = new RawClient(port, MqttVersion.MQTT_3_1_1)) {
            subscribe(client, false);
        }
    }

    private static void subscribe(RawClient client, boolean cleanSession) throws IOException {
        assertThat(isSessionPresent(client, cleanSession)).isFalse();
        client.send(MqttMessageBuilders.subscribe()
                .messageId(1)
                .addSubscription(MqttQoS.AT_LEAST_ONCE, "to/c")
                .build());
        assertThat(client.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.SUBACK);
    }

    private void assertNoSession(String folder) throws IOException {
        try (TestBroker broker = start(folder);
                RawClient back = new RawClient(broker.port(), MqttVersion.MQTT_3_1_1)) {
            assertThat(isSessionPresent(back, false)).isFalse();
            back.send(RawClient.publish("to/c", 1, 1, "for a subscription that is gone"));
            assertThat(back.read(5_000).fixedHeader().messageType()).isEqualTo(MqttMessageType.PUBACK);
            assertThat(back.read(200)).isNull();
        }
    }

    private static boolean isSessionPresent(RawClient client, boolean cleanSession) throws IOException {
        client.send(client.connect("c", cleanSession));
        MqttMessage connack = client.read(10_000);
        return ((MqttConnAckMessage) connack).variableHeader().isSessionPresent();
    }
}
