package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.interception.AbstractInterceptHandler;
import io.moquette.interception.InterceptHandler;
import io.moquette.interception.messages.InterceptPublishMessage;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who waits for a publish in a Moquette of the test's own. */
class AudienceTest {

    private static final Server server = new Server();
    private static int port;

    private final Audience audience = new Audience(server);

    @BeforeAll
    static void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Properties settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, "127.0.0.1");
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, Integer.toString(port));
        settings.setProperty(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, BrokerConstants.DISABLED_PORT_BIND);
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        server.startServer(new MemoryConfig(settings));
    }

    @AfterAll
    static void stop() {
        server.stopServer();
    }

    @Test
    void before_the_server_is_known_every_publish_is_awaited() {
        assertThat(audience.awaits(publish("t", false))).isTrue();
    }

    @Test
    void what_nobody_has_subscribed_to_is_awaited_by_nobody() {
        audience.begin();
        assertThat(audience.awaits(publish("t", false))).isFalse();
    }

    @Test
    void a_subscriber_awaits_what_matches_its_filter_until_it_unsubscribes() {
        audience.begin();
        Mqtt5BlockingClient subscriber = connected("subscriber");
        subscriber.subscribeWith().topicFilter("line/+/t").send();

        assertThat(audience.awaits(publish("line/1/t", false))).isTrue();
        assertThat(audience.awaits(publish("line/1/p", false))).isFalse();

        subscriber.unsubscribeWith().topicFilter("line/+/t").send();
        assertThat(audience.awaits(publish("line/1/t", false))).isFalse();
        subscriber.disconnect();
    }

    @Test
    void members_of_a_shared_subscription_await_what_matches_its_filter() {
        audience.begin();
        Mqtt5BlockingClient member = connected("member");
        member.subscribeWith().topicFilter("$share/group/line/#").send();

        assertThat(audience.awaits(publish("line/1/t", false))).isTrue();
        member.disconnect();
        await().untilAsserted(() ->
                assertThat(audience.awaits(publish("line/1/t", false))).isFalse());
    }

    @Test
    void what_is_to_be_retained_is_awaited_by_those_who_subscribe_later() {
        audience.begin();
        assertThat(audience.awaits(publish("t", true))).isTrue();
    }

    @Test
    void a_handler_that_was_given_to_moquette_awaits_every_publish() {
        audience.begin();
        InterceptHandler handler = new AbstractInterceptHandler() {
            @Override
            public String getID() {
                return "test";
            }

            @Override
            public Class<?>[] getInterceptedMessageTypes() {
                return new Class<?>[] {InterceptPublishMessage.class};
            }

            @Override
            public void onSessionLoopError(Throwable error) {}
        };
        server.addInterceptHandler(handler);
        assertThat(audience.awaits(publish("t", false))).isTrue();

        server.removeInterceptHandler(handler);
        assertThat(audience.awaits(publish("t", false))).isFalse();
    }

    private static Mqtt5BlockingClient connected(String id) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(port)
                .identifier(id)
                .buildBlocking();
        client.connect();
        return client;
    }

    private static MqttPublishMessage publish(String topic, boolean retained) {
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.AT_LEAST_ONCE)
                .messageId(1)
                .retained(retained)
                .payload(Unpooled.EMPTY_BUFFER)
                .build();
    }
}
