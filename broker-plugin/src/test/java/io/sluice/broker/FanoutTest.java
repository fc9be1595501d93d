package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT subscribers get. */
class FanoutTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void subscribers_receive_what_is_published_at_the_publishers_qos(int qos) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("captured/#")) {
            Mqtt5BlockingClient subscriber = broker.connected("subscriber");
            try (Mqtt5BlockingClient.Mqtt5Publishes received = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
                subscriber
                        .subscribeWith()
                        .topicFilter("#")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .send();
                Mqtt5BlockingClient device = broker.connected("device");
                for (int i = 0; i < 500; i++) {
                    device.publishWith()
                            .topic(i % 2 == 0 ? "captured/x" : "passed/x")
                            .qos(MqttQos.fromCode(qos))
                            .payload(Integer.toString(i).getBytes(UTF_8))
                            .send();
                }
                device.disconnect();
                for (int i = 0; i < 500; i++) {
                    Mqtt5Publish publish = received.receive(5, TimeUnit.SECONDS).orElseThrow();
                    assertThat(new String(publish.getPayloadAsBytes(), UTF_8)).isEqualTo(Integer.toString(i));
                    assertThat(publish.getQos().getCode()).isEqualTo(qos);
                }
            }
            assertThat(reader.read(250)).hasSize(250);
            subscriber.disconnect();
        }
    }

    @Test
    void without_fanout_publishes_are_captured_and_acknowledged_and_nobody_may_subscribe() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted().withoutFanout().start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient client = broker.connected("both");
            try (Mqtt5BlockingClient.Mqtt5Publishes received = client.publishes(MqttGlobalPublishFilter.ALL)) {
                assertThatThrownBy(() -> client.subscribeWith().topicFilter("#").send())
                        .isInstanceOfSatisfying(
                                Mqtt5SubAckException.class,
                                refused -> assertThat(refused.getMqttMessage().getReasonCodes())
                                        .containsExactly(Mqtt5SubAckReasonCode.NOT_AUTHORIZED));
                client.publishWith().topic("t").qos(MqttQos.EXACTLY_ONCE).send();

                assertThat(reader.read(1)).hasSize(1);
                assertThat(received.receive(300, TimeUnit.MILLISECONDS)).isEmpty();
            }
            client.disconnect();
        }
    }

    @Test
    void a_client_receives_what_it_publishes_right_behind_its_subscription() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "client-" + i)) {
                    client.send(
                            MqttMessageBuilders.subscribe()
                                    .messageId(1)
                                    .addSubscription(MqttQoS.AT_MOST_ONCE, "t/" + i)
                                    .build(),
                            RawClient.publish("t/" + i, 0, 0, "mine"));
                    assertThat(client.read(5_000)).isInstanceOf(MqttSubAckMessage.class);
                    assertThat(client.read(5_000)).isInstanceOf(MqttPublishMessage.class);
                }
            }
            assertThat(reader.read(50)).hasSize(50);
        }
    }

    @Test
    void what_is_retained_while_nobody_subscribes_is_there_for_those_who_do_later() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = broker.connected("device");
            device.publishWith()
                    .topic("t")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload("kept".getBytes(UTF_8))
                    .send();
            device.disconnect();
            assertThat(reader.read(1)).hasSize(1);

            Mqtt5BlockingClient subscriber = broker.connected("subscriber");
            await().untilAsserted(() -> {
                try (Mqtt5BlockingClient.Mqtt5Publishes received = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
                    subscriber.subscribeWith().topicFilter("t").send();
                    assertThat(received.receive(1, TimeUnit.SECONDS)).isPresent();
                }
            });
            subscriber.disconnect();
        }
    }

    @Test
    void subscriptions_of_a_persistent_session_receive_what_was_published_meanwhile() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            org.eclipse.paho.client.mqttv3.MqttClient sleeper = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "sleeper", new MemoryPersistence());
            MqttConnectOptions persistent = new MqttConnectOptions();
            persistent.setCleanSession(false);
            sleeper.connect(persistent);
            sleeper.subscribe("t", 1);
            sleeper.disconnect();
            try (RawClient device = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "device")) {
                device.send(RawClient.publish("t", 1, 1, "missed"));
                assertThat(device.read(5_000)).isNotNull();
            }
            List<String> received = new java.util.concurrent.CopyOnWriteArrayList<>();
            sleeper.setCallback(new org.eclipse.paho.client.mqttv3.MqttCallbackExtended() {
                @Override
                public void connectComplete(boolean reconnect, String serverUri) {}

                @Override
                public void connectionLost(Throwable cause) {}

                @Override
                public void messageArrived(String topic, org.eclipse.paho.client.mqttv3.MqttMessage message) {
                    received.add(new String(message.getPayload(), UTF_8));
                }

                @Override
                public void deliveryComplete(org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
            });
            assertThat(sleeper.connectWithResult(persistent).getSessionPresent())
                    .isTrue();
            await().untilAsserted(() -> assertThat(received).containsExactly("missed"));
            assertThat(reader.read(1)).hasSize(1);
            sleeper.disconnect();
            sleeper.close();
        }
    }
}
