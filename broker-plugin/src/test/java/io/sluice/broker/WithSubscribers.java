package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V5;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A broker, and the clients that subscribe and publish there. */
abstract class WithSubscribers {

    static final Duration NOTHING = Duration.ofMillis(500);

    TestBroker broker;

    final List<Mqtt5AsyncClient> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        broker = TestBroker.start();
    }

    @AfterEach
    void stop() {
        for (Mqtt5AsyncClient client : clients) {
            if (client.getState().isConnected()) {
                client.disconnect().join();
            }
        }
        broker.close();
    }

    /** A client of HiveMQ's, what CONNACK said, and what has come. */
    final class Subscriber {

        final BlockingQueue<Mqtt5Publish> received = new LinkedBlockingQueue<>();
        final Mqtt5AsyncClient client;
        final boolean sessionPresent;

        Subscriber(String clientId, boolean cleanStart, long expirySeconds) throws Exception {
            client = Mqtt5Client.builder()
                    .identifier(clientId)
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port())
                    .buildAsync();
            clients.add(client);
            client.publishes(MqttGlobalPublishFilter.ALL, received::add);
            Mqtt5ConnAck connack = client.connectWith()
                    .cleanStart(cleanStart)
                    .sessionExpiryInterval(expirySeconds)
                    .send()
                    .get(10, TimeUnit.SECONDS);
            sessionPresent = connack.isSessionPresent();
        }

        Subscriber subscribe(String filter, int qos) throws Exception {
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.fromCode(qos))
                    .send()
                    .get(10, TimeUnit.SECONDS);
            return this;
        }

        void disconnect() throws Exception {
            client.disconnect().get(10, TimeUnit.SECONDS);
        }

        void disconnect(long expirySeconds) throws Exception {
            client.disconnectWith().sessionExpiryInterval(expirySeconds).send().get(10, TimeUnit.SECONDS);
        }

        List<String> take(int count) throws InterruptedException {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Mqtt5Publish next = received.poll(5, TimeUnit.SECONDS);
                if (next == null) {
                    break;
                }
                texts.add(text(next));
            }
            return texts;
        }

        Mqtt5Publish next() throws InterruptedException {
            Mqtt5Publish next = received.poll(5, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        void assertNothingMore() throws InterruptedException {
            assertThat(received.poll(NOTHING.toMillis(), TimeUnit.MILLISECONDS)).isNull();
        }
    }

    static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), UTF_8);
    }

    /** Lets time pass in which something expires. */
    static void pass(Duration time) {
        await().pollDelay(time).until(() -> true);
    }

    Peer publisher() throws Exception {
        return Peer.connected(broker.port(), V5, "publisher");
    }

    /** Publishes at QoS 1 and waits for PUBACK. */
    void publish(String topic, String payload) throws Exception {
        publish(V5.publish(topic, 1, 1, payload));
    }

    void publish(byte[] atQos1) throws Exception {
        try (Peer peer = publisher()) {
            peer.send(atQos1);
            peer.next(Mqtt.PUBACK);
            peer.send(Mqtt.disconnect());
        }
    }

    static int topicLength(Peer.Received publish) {
        return publish.packetId();
    }

    static int packetId(Peer.Received publish) {
        int at = 2 + topicLength(publish);
        return publish.u16(at);
    }

    /** The payload of a PUBLISH at QoS 1 or 2 whose properties, if there are any, take less than 128 bytes. */
    static String payload(Peer.Received publish) {
        byte[] body = publish.body();
        int behindId = 4 + topicLength(publish);
        // In MQTT 5 the next byte is the length of the properties; digits and letters of payloads are never so small.
        int begin = behindId < body.length && body[behindId] < ' ' ? behindId + 1 + body[behindId] : behindId;
        return new String(body, begin, body.length - begin, UTF_8);
    }

    static byte[] subscribe(int packetId, String filter, int identifier) {
        return new Bytes()
                .u16(packetId)
                .properties(Bytes.of(0x0B).varint(identifier))
                .text(filter)
                .u8(1)
                .packet(0x82);
    }
}
