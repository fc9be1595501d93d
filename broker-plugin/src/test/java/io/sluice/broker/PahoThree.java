package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho for MQTT 3.1.1. */
final class PahoThree implements RealClient {

    private static final int TRIES = 10;

    private final MqttClient client;
    private final MqttConnectOptions options = new MqttConnectOptions();
    private final List<Publication> received = new CopyOnWriteArrayList<>();

    PahoThree(Settings settings) throws MqttException, GeneralSecurityException {
        client = new MqttClient(settings.uri(), settings.clientId(), new MemoryPersistence());
        client.setTimeToWait(10_000);
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {}

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                received.add(new Publication(
                        topic, new String(message.getPayload(), UTF_8), message.getQos(), message.isRetained()));
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {}
        });
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(!settings.lasting());
        settings.will()
                .ifPresent(will ->
                        options.setWill(will.topic(), will.payload().getBytes(UTF_8), will.qos(), will.retained()));
        settings.user().ifPresent(name -> {
            options.setUserName(name);
            options.setPassword(settings.password().toCharArray());
        });
        if (settings.transport().isEncrypted()) {
            options.setSocketFactory(settings.trust().orElseThrow().context().getSocketFactory());
        }
    }

    @Override
    public boolean connect() throws MqttException {
        for (int tries = 1; ; tries++) {
            try {
                return client.connectWithResult(options).getSessionPresent();
            } catch (MqttException e) {
                // It waits a second for the answer to a WebSocket's handshake, whatever it is told.
                if (!(e.getCause() instanceof SocketTimeoutException) || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void publish(Publication publication) throws MqttException {
        client.publish(
                publication.topic(), publication.payload().getBytes(UTF_8), publication.qos(), publication.retained());
    }

    @Override
    public void subscribe(String filter, int qos) throws MqttException {
        client.subscribe(filter, qos);
    }

    @Override
    public void unsubscribe(String filter) throws MqttException {
        client.unsubscribe(filter);
    }

    @Override
    public List<Publication> received() {
        return received;
    }

    @Override
    public int refusal(Throwable thrown) {
        return ((MqttException) thrown).getReasonCode();
    }

    @Override
    public boolean isConnected() {
        return client.isConnected();
    }

    @Override
    public void disconnect() throws MqttException {
        client.disconnect();
    }

    @Override
    public void close() throws IOException {
        try {
            if (client.isConnected()) {
                client.disconnect();
            }
            client.close();
        } catch (MqttException e) {
            throw new IOException(e);
        }
    }
}
