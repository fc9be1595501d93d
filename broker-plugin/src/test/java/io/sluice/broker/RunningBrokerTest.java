package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.moquette.broker.security.AcceptAllAuthenticator;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.AckMode;
import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.ConsumerSpec;
import io.sluice.buffer.Lanes;
import io.sluice.message.TopicFilter;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RunningBrokerTest {

    private static final IAuthorizatorPolicy POISONED = new IAuthorizatorPolicy() {
        @Override
        public boolean canWrite(Topic topic, String user, String client) {
            return true;
        }

        @Override
        public boolean canRead(Topic topic, String user, String client) {
            throw new IllegalStateException("asked on a session loop, which dies of it");
        }
    };

    @Test
    void a_session_loop_that_dies_restarts_the_server_on_its_port_and_keeps_the_buffer() throws Exception {
        try (RunningBroker broker = RunningBroker.start(
                        new TestBroker.Wanted().listeners("tcp://127.0.0.1:0").config(),
                        () -> new Access(new AcceptAllAuthenticator(), POISONED));
                BufferConsumer consumer = broker.buffer()
                        .attach(new ConsumerSpec(
                                "reader", List.of(TopicFilter.of("#")), AckMode.BUFFERED, Lanes.ALL))) {
            consumer.seek(consumer.acknowledged());
            assertThat(broker.stats().restarts()).isZero();
            int port = broker.listeners().get(0).port();
            try (RawClient device = RawClient.connected(port, MqttVersion.MQTT_3_1_1, "device");
                    RawClient poison = RawClient.connected(port, MqttVersion.MQTT_3_1_1, "poison")) {
                device.send(RawClient.publish("t", 1, 1, "before"));
                assertThat(device.read(5_000)).isNotNull();
                assertThat(broker.stats().connectedClients()).isEqualTo(2);
                poison.send(MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.AT_LEAST_ONCE, "t")
                        .build());
                assertThat(device.isClosedWithin(10_000))
                        .as("all devices are sent to reconnect")
                        .isTrue();
            }
            Awaitility.await().atMost(Duration.ofSeconds(15)).ignoreExceptions().untilAsserted(() -> {
                try (RawClient device = RawClient.connected(port, MqttVersion.MQTT_3_1_1, "device")) {
                    device.send(RawClient.publish("t", 1, 2, "after"));
                    assertThat(device.read(5_000)).isNotNull();
                    assertThat(broker.stats().connectedClients()).isEqualTo(1);
                }
            });
            assertThat(broker.stats().restarts()).isEqualTo(1);
            assertThat(broker.stats().listening()).isTrue();
            assertThat(consumer.read(10, 1 << 20, Duration.ofSeconds(5)).messages())
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }
}
