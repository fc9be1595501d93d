package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Eclipse Paho for MQTT 5. */
final class PahoFive implements RealClient {

    private static final int REFUSED = 0x80;
    private static final int TRIES = 10;
    private static final long TIMEOUT_MS = 10_000;

    private final MqttAsyncClient client;
    private final MqttConnectionOptions options = new MqttConnectionOptions();
    private final List<Publication> received = new CopyOnWriteArrayList<>();

    PahoFive(Settings settings) throws MqttException, GeneralSecurityException {
        client = new MqttAsyncClient(settings.uri(), settings.clientId(), new MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void disconnected(MqttDisconnectResponse response) {}

            @Override
            public void mqttErrorOccurred(MqttException exception) {}

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                received.add(new Publication(
                        topic, new String(message.getPayload(), UTF_8), message.getQos(), message.isRetained()));
            }

            @Override
            public void deliveryComplete(IMqttToken token) {}

            @Override
            public void connectComplete(boolean reconnect, String serverUri) {}

            @Override
            public void authPacketArrived(int reasonCode, MqttProperties properties) {}
        });
        options.setCleanStart(!settings.lasting());
        options.setSessionExpiryInterval(settings.lasting() ? 86_400L : 0L);
        settings.will().ifPresent(will -> options.setWill(will.topic(), message(will)));
        settings.user().ifPresent(name -> {
            options.setUserName(name);
            options.setPassword(settings.password().getBytes(UTF_8));
        });
        if (settings.transport().isEncrypted()) {
            options.setSocketFactory(settings.trust().orElseThrow().context().getSocketFactory());
        }
    }

    private static MqttMessage message(Publication publication) {
        return new MqttMessage(
                publication.payload().getBytes(UTF_8), publication.qos(), publication.retained(), new MqttProperties());
    }

    @Override
    public boolean connect() throws MqttException {
        for (int tries = 1; ; tries++) {
            try {
                IMqttToken token = client.connect(options);
                token.waitForCompletion(TIMEOUT_MS);
                return token.getSessionPresent();
            } catch (MqttException e) {
                // It waits a second for the answer to a WebSocket's handshake, whatever it is told.
                if (!(e.getCause() instanceof SocketTimeoutException) || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** It takes every answer for a success. */
    private static void check(IMqttToken token) throws MqttException {
        token.waitForCompletion(TIMEOUT_MS);
        int[] reasonCodes = token.getReasonCodes();
        if (reasonCodes != null && reasonCodes.length > 0 && reasonCodes[0] >= REFUSED) {
            throw new MqttException(reasonCodes[0]);
        }
    }

    @Override
    public void publish(Publication publication) throws MqttException {
        check(client.publish(publication.topic(), message(publication)));
    }

    @Override
    public void subscribe(String filter, int qos) throws MqttException {
        check(client.subscribe(filter, qos));
    }

    @Override
    public void unsubscribe(String filter) throws MqttException {
        check(client.unsubscribe(filter));
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
        client.disconnect().waitForCompletion(TIMEOUT_MS);
    }

    @Override
    public void close() throws IOException {
        try {
            if (client.isConnected()) {
                client.disconnect().waitForCompletion(TIMEOUT_MS);
            }
            client.close();
        } catch (MqttException e) {
            throw new IOException(e);
        }
    }
}
