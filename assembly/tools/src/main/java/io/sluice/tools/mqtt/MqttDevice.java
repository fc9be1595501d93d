package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One of many clients of MQTT 5 that nobody waits for. It connects again by itself when it is lost. Thread-safe.
 */
public final class MqttDevice {

    private static final long RECONNECT_MS = 500;

    private final Mqtt5AsyncClient client;

    private MqttDevice(Mqtt5AsyncClient client) {
        this.client = client;
    }

    /**
     * A device that is not connected yet.
     *
     * @param login how it connects; the client id is its own
     * @param lost called when a connection that stood is lost
     */
    @SuppressWarnings("CheckReturnValue") // builders change in place
    public static MqttDevice of(MqttLogin login, String clientId, Runnable lost) {
        Mqtt5ClientBuilder builder = Mqtt5Client.builder()
                .transportConfig(MqttTransport.of(login))
                .identifier(clientId)
                .addDisconnectedListener(context -> disconnected(context, lost));
        MqttFive.auth(login).ifPresent(builder::simpleAuth);
        return new MqttDevice(builder.buildAsync());
    }

    private static void disconnected(MqttClientDisconnectedContext context, Runnable lost) {
        MqttClientState state = context.getClientConfig().getState();
        if (context.getSource() == MqttDisconnectSource.USER || !state.isConnectedOrReconnect()) {
            return;
        }
        if (state == MqttClientState.CONNECTED) {
            lost.run();
        }
        context.getReconnector().reconnect(true).delay(RECONNECT_MS, TimeUnit.MILLISECONDS);
    }

    /** Connects, with a session that ends with the connection. */
    public CompletableFuture<Void> connect() {
        return client.connect().thenAccept(connected -> {});
    }

    /** Publishes; done when the broker has acknowledged, and with QoS 0 when it is sent. */
    public CompletableFuture<Void> publish(MqttMessage message) {
        return client.publish(message.five()).thenAccept(published -> {});
    }

    /** Subscribes; done when the broker has answered. Messages come on the client's own threads. */
    public CompletableFuture<Void> subscribe(String filter, int qos, Consumer<MqttMessage> messages) {
        client.publishes(MqttGlobalPublishFilter.ALL, publish -> messages.accept(MqttMessage.of(publish)));
        return client.subscribeWith()
                .topicFilter(filter)
                .qos(MqttMessage.quality(qos))
                .send()
                .thenAccept(subscribed -> {});
    }

    /** Says good-bye, if it is connected. */
    public CompletableFuture<Void> disconnect() {
        return client.getState().isConnected() ? client.disconnect() : CompletableFuture.completedFuture(null);
    }

    /** Why something failed, in as few words as tell it from other reasons. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Mqtt5MessageException refused) {
            return Optional.ofNullable(refused.getMessage()).orElse(refused.toString());
        }
        return MqttConnection.reason(cause);
    }
}
