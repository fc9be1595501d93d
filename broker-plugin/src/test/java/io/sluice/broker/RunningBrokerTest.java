package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunningBrokerTest {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LogManager.getLogger(RunningBroker.class);
    private final AbstractAppender appender = new AbstractAppender("lines", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            if (event.getLevel().isMoreSpecificThan(Level.WARN)) {
                lines.add(event.getMessage().getFormattedMessage());
            }
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void forget() {
        logger.removeAppender(appender);
    }

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
                        buffer -> {},
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
            await().atMost(Duration.ofSeconds(15)).ignoreExceptions().untilAsserted(() -> {
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

    @Test
    void a_server_whose_port_is_taken_when_it_starts_again_takes_it_as_soon_as_it_is_free() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        AtomicInteger port = new AtomicInteger();
        AtomicReference<ServerSocket> taker = new AtomicReference<>();
        Supplier<Access> takingThePortMeanwhile = () -> {
            if (starts.incrementAndGet() == 2) {
                taker.set(take(port.get()));
            }
            return new Access(new AcceptAllAuthenticator(), POISONED);
        };
        try (RunningBroker broker = RunningBroker.start(
                new TestBroker.Wanted().listeners("tcp://127.0.0.1:0").config(),
                buffer -> {},
                takingThePortMeanwhile)) {
            port.set(broker.listeners().get(0).port());
            killSessionLoop(port.get());
            await().until(() -> starts.get() >= 4);
            assertThat(broker.stats().listening()).isFalse();
            assertThat(broker.stats().restarts()).isEqualTo(1);

            taker.get().close();

            await().atMost(Duration.ofSeconds(20)).until(() -> broker.stats().listening());
            assertThat(broker.listeners().get(0).port()).isEqualTo(port.get());
            try (RawClient device = RawClient.connected(port.get(), MqttVersion.MQTT_3_1_1, "device")) {
                device.send(RawClient.publish("t", 1, 1, "after"));
                assertThat(device.read(5_000)).isNotNull();
            }
            assertThat(lines)
                    .as("what operators are told")
                    .satisfiesExactly(
                            died -> assertThat(died).contains("died"),
                            closed -> assertThat(closed).contains("cannot be started again"),
                            back -> assertThat(back).contains("listens again"));
        }
    }

    @Test
    void a_broker_that_waits_for_its_port_closes_at_once() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        AtomicInteger port = new AtomicInteger();
        AtomicReference<ServerSocket> taker = new AtomicReference<>();
        RunningBroker broker = RunningBroker.start(
                new TestBroker.Wanted().listeners("tcp://127.0.0.1:0").config(), buffer -> {}, () -> {
                    if (starts.incrementAndGet() == 2) {
                        taker.set(take(port.get()));
                    }
                    return new Access(new AcceptAllAuthenticator(), POISONED);
                });
        port.set(broker.listeners().get(0).port());
        killSessionLoop(port.get());
        await().until(() -> starts.get() >= 3);
        broker.close();
        int atClose = starts.get();
        await().during(Duration.ofSeconds(1)).until(() -> starts.get() == atClose);
        taker.get().close();
    }

    private static ServerSocket take(int port) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void killSessionLoop(int port) throws IOException {
        try (RawClient poison = RawClient.connected(port, MqttVersion.MQTT_3_1_1, "poison")) {
            poison.send(MqttMessageBuilders.subscribe()
                    .messageId(1)
                    .addSubscription(MqttQoS.AT_LEAST_ONCE, "t")
                    .build());
            assertThat(poison.isClosedWithin(10_000)).isTrue();
        }
    }
}
