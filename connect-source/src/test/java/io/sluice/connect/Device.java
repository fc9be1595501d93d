package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A device that speaks MQTT 5 and publishes numbered messages. */
final class Device implements AutoCloseable {

    private final Mqtt5AsyncClient client;
    private final AtomicInteger disconnections;

    private Device(Mqtt5AsyncClient client, AtomicInteger disconnections) {
        this.client = client;
        this.disconnections = disconnections;
    }

    /** Connects, and tries again as long as nobody listens yet. */
    static Device connect(int port, String clientId) {
        AtomicInteger disconnections = new AtomicInteger();
        Mqtt5AsyncClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .addDisconnectedListener(context -> disconnections.incrementAndGet())
                .buildAsync();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(ConnectionFailedException.class)
                .until(() -> client.toBlocking().connect().getReasonCode() == Mqtt5ConnAckReasonCode.SUCCESS);
        disconnections.set(0);
        return new Device(client, disconnections);
    }

    Mqtt5AsyncClient client() {
        return client;
    }

    /** Publishes numbers as payloads and waits until the broker has acknowledged all of them. */
    void publish(String topic, MqttQos qos, int from, int to) {
        publishing(topic, qos, from, to).join();
    }

    /** Publishes numbers as payloads; done when the broker has acknowledged all of them. */
    CompletableFuture<Void> publishing(String topic, MqttQos qos, int from, int to) {
        List<CompletableFuture<Mqtt5PublishResult>> results = new ArrayList<>();
        for (int number = from; number <= to; number++) {
            results.add(client.publishWith()
                    .topic(topic)
                    .qos(qos)
                    .payload(Integer.toString(number).getBytes(UTF_8))
                    .send());
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS);
    }

    boolean isConnected() {
        return client.getState().isConnected();
    }

    /** How often the connection was lost. */
    int disconnections() {
        return disconnections.get();
    }

    @Override
    public void close() {
        if (isConnected()) {
            client.toBlocking().disconnect();
        }
    }
}
