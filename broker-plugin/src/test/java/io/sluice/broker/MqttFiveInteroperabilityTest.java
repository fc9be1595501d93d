package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckRestrictions;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What MQTT 5 adds, as clients of two libraries use it. */
@Timeout(120)
class MqttFiveInteroperabilityTest {

    private static final byte[] CORRELATION = {0, (byte) 0xFF, 7};
    private static final long NO_EXPIRY = 0xFFFF_FFFFL;
    private static final int RECEIVE_MAXIMUM = 1_000;
    private static final int MANY = 3 * RECEIVE_MAXIMUM;
    private static final int TOO_MANY_IN_FLIGHT = MqttClientException.REASON_CODE_MAX_INFLIGHT;
    private static final Duration LONG = Duration.ofSeconds(30);

    private TestBroker broker;
    private TestBroker.Reader reader;

    @BeforeEach
    void start() {
        broker = TestBroker.start();
        reader = broker.attach("#");
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    /** Keeps what Paho receives. */
    private record Collector(List<MqttMessage> messages) implements MqttCallback {
        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            messages.add(message);
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }

    private Mqtt5AsyncClient hivemq(String clientId) {
        return Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .buildAsync();
    }

    private MqttAsyncClient paho(MqttConnectionOptions options) throws Exception {
        MqttAsyncClient client =
                new MqttAsyncClient("tcp://127.0.0.1:" + broker.port(), "paho", new MemoryPersistence());
        client.connect(options).waitForCompletion(LONG.toMillis());
        return client;
    }

    private static MqttProperties allProperties() {
        MqttProperties properties = new MqttProperties();
        properties.setPayloadFormat(true);
        properties.setMessageExpiryInterval(4_294_967_295L);
        properties.setContentType("application/json; charset=utf-8");
        properties.setResponseTopic("answers/1");
        properties.setCorrelationData(CORRELATION);
        properties.setUserProperties(List.of(
                new UserProperty("unit", "C"),
                new UserProperty("", "no name"),
                new UserProperty("unit", "K"),
                new UserProperty("größe", "")));
        return properties;
    }

    private static void assertAllProperties(Message message) {
        assertThat(message.properties().payloadIsUtf8()).isTrue();
        assertThat(message.properties().messageExpirySeconds()).isEqualTo(OptionalLong.of(4_294_967_295L));
        assertThat(message.properties().contentType()).contains("application/json; charset=utf-8");
        assertThat(message.properties().responseTopic()).contains("answers/1");
        assertThat(message.properties().correlationData()).contains(ByteBuffer.wrap(CORRELATION));
        assertThat(message.properties().userProperties())
                .containsExactly(
                        new io.sluice.message.UserProperty("unit", "C"),
                        new io.sluice.message.UserProperty("", "no name"),
                        new io.sluice.message.UserProperty("unit", "K"),
                        new io.sluice.message.UserProperty("größe", ""));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void publishes_of_paho_are_captured_with_all_their_properties(int qos) throws Exception {
        MqttAsyncClient device = paho(new MqttConnectionOptions());
        device.publish("t", new MqttMessage("{}".getBytes(UTF_8), qos, false, allProperties()))
                .waitForCompletion(LONG.toMillis());
        assertAllProperties(reader.read(1).get(0).message());
        device.disconnect().waitForCompletion();
        device.close();
    }

    @Test
    void the_will_of_a_paho_client_is_captured_with_all_its_properties() throws Exception {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setWill("status", new MqttMessage("{}".getBytes(UTF_8), 1, false, allProperties()));
        options.setWillMessageProperties(allProperties());
        MqttAsyncClient device = paho(options);
        device.disconnectForcibly(0, 0, false);
        Message will = reader.read(1).get(0).message();
        assertThat(will.kind()).isEqualTo(MessageKind.WILL);
        assertAllProperties(will);
        device.close();
    }

    @Test
    void a_request_is_answered_between_two_libraries() throws Exception {
        List<MqttMessage> answers = new CopyOnWriteArrayList<>();
        Mqtt5AsyncClient service = hivemq("service");
        service.connect().get(10, TimeUnit.SECONDS);
        service.publishes(
                MqttGlobalPublishFilter.SUBSCRIBED,
                request -> service.publishWith()
                        .topic(request.getResponseTopic().orElseThrow())
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .correlationData(request.getCorrelationData().orElseThrow())
                        .userProperties(request.getUserProperties())
                        .payload("answer".getBytes(UTF_8))
                        .send());
        service.subscribeWith().topicFilter("requests").send().get(10, TimeUnit.SECONDS);
        MqttAsyncClient asker = paho(new MqttConnectionOptions());
        asker.setCallback(new Collector(answers));
        asker.subscribe("answers/1", 1).waitForCompletion(LONG.toMillis());
        asker.publish("requests", new MqttMessage("{}".getBytes(UTF_8), 1, false, allProperties()))
                .waitForCompletion(LONG.toMillis());
        await().until(() -> answers.size() == 1);
        assertThat(answers.get(0).getProperties().getCorrelationData()).isEqualTo(CORRELATION);
        assertThat(answers.get(0).getProperties().getUserProperties())
                .extracting(UserProperty::getKey)
                .containsExactly("unit", "", "unit", "größe");
        assertThat(reader.read(2))
                .extracting(stored -> stored.message().topic())
                .containsExactly("requests", "answers/1");
        asker.disconnect().waitForCompletion();
        asker.close();
        service.disconnect().get(10, TimeUnit.SECONDS);
    }

    @Test
    void a_client_is_told_what_the_broker_takes() throws Exception {
        Mqtt5BlockingClient device = hivemq("").toBlocking();
        Mqtt5ConnAck connack = device.connect();
        Mqtt5ConnAckRestrictions restrictions = connack.getRestrictions();
        assertThat(restrictions.getReceiveMaximum()).isEqualTo(RECEIVE_MAXIMUM);
        assertThat(restrictions.getMaximumPacketSize()).isEqualTo(1_000_000);
        assertThat(restrictions.getTopicAliasMaximum()).isZero();
        assertThat(restrictions.isSharedSubscriptionAvailable()).isTrue();
        assertThat(restrictions.isRetainAvailable()).isTrue();
        assertThat(restrictions.getMaximumQos()).isEqualTo(MqttQos.EXACTLY_ONCE);
        assertThat(connack.getAssignedClientIdentifier()).isPresent();

        int overhead = 1 + 3 + 2 + "t".length() + 2 + 1;
        device.publish(Mqtt5Publish.builder()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(new byte[restrictions.getMaximumPacketSize() - overhead])
                .build());
        assertThat(reader.read(1)).hasSize(1);
        assertThatThrownBy(() -> device.publish(Mqtt5Publish.builder()
                        .topic("t")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(new byte[restrictions.getMaximumPacketSize() - overhead + 1])
                        .build()))
                .as("not sent")
                .hasMessageContaining("exceeded");
        device.publish(
                Mqtt5Publish.builder().topic("t").qos(MqttQos.AT_LEAST_ONCE).build());
        assertThat(reader.read(1)).as("still connected").hasSize(1);
        device.disconnect();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void hivemq_stays_within_the_receive_maximum(int qos) throws Exception {
        Mqtt5AsyncClient device = hivemq("device");
        device.connect().get(10, TimeUnit.SECONDS);
        List<CompletableFuture<?>> published = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            published.add(device.publishWith()
                    .topic("t")
                    .qos(MqttQos.fromCode(qos))
                    .payload(Integer.toString(i).getBytes(UTF_8))
                    .send());
        }
        assertThat(reader.read(MANY)).hasSize(MANY);
        for (CompletableFuture<?> one : published) {
            one.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
        device.disconnect().get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void paho_stays_within_the_receive_maximum(int qos) throws Exception {
        MqttAsyncClient device = paho(new MqttConnectionOptions());
        List<IMqttToken> published = new ArrayList<>();
        int answered = 0;
        while (published.size() < MANY) {
            try {
                published.add(
                        device.publish("t", Integer.toString(published.size()).getBytes(UTF_8), qos, false));
            } catch (MqttException e) {
                // It says so, instead of waiting.
                assertThat(e.getReasonCode()).isEqualTo(TOO_MANY_IN_FLIGHT);
                published.get(answered++).waitForCompletion(LONG.toMillis());
            }
        }
        for (IMqttToken one : published) {
            one.waitForCompletion(LONG.toMillis());
        }
        assertThat(reader.read(MANY)).hasSize(MANY);
        device.disconnect().waitForCompletion();
        device.close();
    }

    @Test
    void a_client_is_told_how_long_its_session_lasts_and_finds_it_again() throws Exception {
        Mqtt5BlockingClient device = hivemq("device").toBlocking();
        assertThat(device.connect().getSessionExpiryInterval()).hasValue(0);
        device.disconnect();
        long most = Duration.ofDays(1).toSeconds();
        for (Map.Entry<Long, Long> asked :
                Map.of(60L, 60L, most + 1, most, NO_EXPIRY, most).entrySet()) {
            assertThat(device.connectWith()
                            .sessionExpiryInterval(asked.getKey())
                            .send()
                            .getSessionExpiryInterval())
                    .hasValue(asked.getValue());
            device.disconnect();
            assertThat(device.connectWith().cleanStart(false).send().isSessionPresent())
                    .as("session that lasts %s s", asked)
                    .isTrue();
            device.disconnect();
        }
    }

    @Test
    void a_client_that_would_use_topic_aliases_does_without() throws Exception {
        Mqtt5BlockingClient device = Mqtt5Client.builder()
                .identifier("device")
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .buildBlocking();
        device.connectWith()
                .restrictions()
                .sendTopicAliasMaximum(10)
                .topicAliasMaximum(10)
                .applyRestrictions()
                .send();
        for (int i = 0; i < 6; i++) {
            device.publishWith()
                    .topic("long/topic/" + i % 2)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
        }
        assertThat(reader.read(6))
                .extracting(stored -> stored.message().topic())
                .containsExactly(
                        "long/topic/0", "long/topic/1", "long/topic/0", "long/topic/1", "long/topic/0", "long/topic/1");
        device.disconnect();
    }

    @Test
    void members_of_a_shared_subscription_share_what_is_published() throws Exception {
        AtomicInteger received = new AtomicInteger();
        List<Mqtt5BlockingClient> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Mqtt5BlockingClient member = hivemq("member-" + i).toBlocking();
            member.connect();
            member.toAsync()
                    .subscribeWith()
                    .topicFilter("$share/group/t/#")
                    .callback(publish -> received.incrementAndGet())
                    .send()
                    .get(10, TimeUnit.SECONDS);
            members.add(member);
        }
        Mqtt5BlockingClient device = hivemq("device").toBlocking();
        device.connect();
        for (int i = 0; i < 100; i++) {
            device.publishWith().topic("t/" + i).qos(MqttQos.AT_LEAST_ONCE).send();
            if (i == 50) {
                await().until(() -> received.get() == 51);
                members.remove(0).disconnect();
                // What is sent to a member while it leaves is lost with its session.
                await().until(() -> broker.broker().stats().door().sessions() == members.size() + 1);
            }
        }
        await().until(() -> received.get() == 100);
        await().during(Duration.ofMillis(300)).until(() -> received.get() == 100);
        for (Mqtt5BlockingClient member : members) {
            member.disconnect();
        }
        device.disconnect();
    }
}
