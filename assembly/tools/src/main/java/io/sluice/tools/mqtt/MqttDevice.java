package io.sluice.tools.mqtt;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One of many clients of MQTT 5 that nobody waits for. It connects again by itself when it is lost. Thread-safe. */
public final class MqttDevice {

    private static final long RECONNECT_MS = 500;
    private static final long SESSION_SECONDS = 3_600;

    private final Mqtt5AsyncClient client;
    private final boolean resumes;

    private MqttDevice(Mqtt5AsyncClient client, boolean resumes) {
        this.client = client;
        this.resumes = resumes;
    }

    /**
     * A device that is not connected yet.
     *
     * @param login how it connects; the client id is its own
     * @param lost called when a connection that stood is lost
     */
    public static MqttDevice of(MqttLogin login, String clientId, Runnable lost) {
        return of(login, MqttTransport.of(login), clientId, lost, false);
    }

    /**
     * A device that is not connected yet, and sends what was not acknowledged again when it comes back, to the session that it
     * had or to a new one.
     *
     * @param way the broker's host, at the address and the port where it is reached
     * @param lost called when a connection that stood is lost
     */
    public static MqttDevice resuming(MqttLogin login, InetSocketAddress way, String clientId, Runnable lost) {
        MqttClientTransportConfig transport =
                MqttTransport.of(login).extend().serverAddress(way).build();
        return of(login, transport, clientId, lost, true);
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    private static MqttDevice of(
            MqttLogin login, MqttClientTransportConfig transport, String clientId, Runnable lost, boolean resumes) {
        Mqtt5ClientBuilder builder = Mqtt5Client.builder()
                .transportConfig(transport)
                .identifier(clientId)
                .addDisconnectedListener(context -> disconnected(context, lost, resumes));
        MqttFive.auth(login).ifPresent(builder::simpleAuth);
        return new MqttDevice(builder.buildAsync(), resumes);
    }

    private static void disconnected(MqttClientDisconnectedContext context, Runnable lost, boolean resumes) {
        MqttClientState state = context.getClientConfig().getState();
        if (context.getSource() == MqttDisconnectSource.USER || !state.isConnectedOrReconnect()) {
            return;
        }
        if (state == MqttClientState.CONNECTED) {
            lost.run();
        }
        context.getReconnector()
                .reconnect(true)
                .republishIfSessionExpired(resumes)
                .delay(RECONNECT_MS, TimeUnit.MILLISECONDS);
    }

    /** Connects, with a session that ends with the connection unless the device resumes it. */
    public CompletableFuture<Void> connect() {
        return client.connectWith()
                .cleanStart(!resumes)
                .sessionExpiryInterval(resumes ? SESSION_SECONDS : 0)
                .send()
                .thenAccept(connected -> {});
    }

    /** Connects, with a session that ends with the connection, and a last will. */
    public CompletableFuture<Void> connect(MqttMessage will) {
        return client.connectWith().willPublish(will.five().asWill()).send().thenAccept(connected -> {});
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

    /** Says good-bye, if it is connected, and lets the broker publish its last will. */
    public CompletableFuture<Void> disconnectWithWill() {
        return client.getState().isConnected()
                ? client.disconnectWith()
                        .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                        .send()
                : CompletableFuture.completedFuture(null);
    }

    /** Says good-bye, and leaves no session behind, if it is connected. */
    public CompletableFuture<Void> disconnect() {
        return client.getState().isConnected()
                ? client.disconnectWith().sessionExpiryInterval(0).send()
                : CompletableFuture.completedFuture(null);
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
        return BrokerAnswers.reason(cause);
    }
}
