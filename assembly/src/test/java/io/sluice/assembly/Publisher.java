package io.sluice.assembly;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A device that publishes with QoS 1, one message at a time. Not thread-safe. */
interface Publisher extends AutoCloseable {

    /** Connects to the broker on this machine. */
    void connect() throws Exception;

    /** Publishes and returns when the broker has acknowledged; an exception means that it has not, as far as is known. */
    void publish(String topic, byte[] payload) throws Exception;

    /** Leaves the broker, if it is still there. */
    @Override
    void close();

    /** One that speaks MQTT 3.1.1, by Paho. */
    static Publisher mqtt3(String clientId, int port) throws MqttException {
        MqttClient client = new MqttClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
        client.setTimeToWait(TimeUnit.SECONDS.toMillis(10));
        return new Publisher() {
            @Override
            public void connect() throws MqttException {
                client.connect();
            }

            @Override
            public void publish(String topic, byte[] payload) throws MqttException {
                client.publish(topic, payload, 1, false);
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
            public void publish(String topic, byte[] payload) throws Exception {
                client.toAsync()
                        .publishWith()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(payload)
                        .send()
                        .get(10, TimeUnit.SECONDS);
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
