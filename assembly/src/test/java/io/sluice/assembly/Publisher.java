package io.sluice.assembly;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.util.concurrent.CompletableFuture;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A device that publishes with QoS 1. */
interface Publisher extends AutoCloseable {

    int MOST_IN_FLIGHT = 100;

    /** Connects to the broker on this machine. */
    void connect() throws Exception;

    /** Publishes; complete when the broker has acknowledged. */
    CompletableFuture<Void> publish(String topic, byte[] payload) throws Exception;

    /** Leaves the broker, if it is still there. */
    @Override
    void close();

    /** One that speaks MQTT 3.1.1, by Paho. */
    static Publisher mqtt3(String clientId, int port) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMaxInflight(MOST_IN_FLIGHT);
        return new Publisher() {
            @Override
            public void connect() throws MqttException {
                client.connect(options).waitForCompletion(10_000);
            }

            @Override
            public CompletableFuture<Void> publish(String topic, byte[] payload) throws MqttException {
                CompletableFuture<Void> acknowledged = new CompletableFuture<>();
                client.publish(topic, payload, 1, false, null, new IMqttActionListener() {
                    @Override
                    public void onSuccess(IMqttToken token) {
                        acknowledged.complete(null);
                    }

                    @Override
                    public void onFailure(IMqttToken token, Throwable exception) {
                        acknowledged.completeExceptionally(exception);
                    }
                });
                return acknowledged;
            }

            @Override
            public void close() {
                try {
                    client.disconnectForcibly(0, 1_000);
                    client.close(true);
                } catch (MqttException e) {
                    // It was not connected.
                }
            }
        };
    }

    /** One that speaks MQTT 5, by HiveMQ. */
    static Publisher mqtt5(String clientId, int port) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        return new Publisher() {
            @Override
            public void connect() {
                client.connect();
            }

            @Override
            public CompletableFuture<Void> publish(String topic, byte[] payload) {
                return client.toAsync()
                        .publishWith()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(payload)
                        .send()
                        .thenAccept(result -> result.getError().ifPresent(error -> {
                            throw new IllegalStateException(error);
                        }));
            }

            @Override
            public void close() {
                try {
                    client.disconnect();
                } catch (RuntimeException e) {
                    // It was not connected.
                }
            }
        };
    }
}
