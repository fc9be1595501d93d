package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.lifecycle.Mqtt3ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A device with a persistent session, which publishes numbers at a steady rate and goes on where it was when its
 * connection was lost, as the specification asks ([MQTT-4.4.0-1]): the client library sends again what was not
 * acknowledged, in order; to a broker that has lost the session, as new messages.
 */
final class SessionDevice implements Runnable {

    private static final int MOST_IN_FLIGHT = 50;
    private static final long SESSION_EXPIRY_SECONDS = 3_600;
    private static final long RECONNECT_MS = 50;
    private static final long RECONNECT_AT_MOST_MS = 500;

    private final String clientId;
    private final MqttQos qos;
    private final int port;
    private final long pauseNs;
    private final Connection connection;
    private final Semaphore window = new Semaphore(MOST_IN_FLIGHT);
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger returns = new AtomicInteger();
    private final AtomicInteger sessionsLost = new AtomicInteger();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private volatile boolean stopping;

    private interface Connection {
        void open() throws ExecutionException, InterruptedException, TimeoutException;

        CompletableFuture<?> publish(String topic, byte[] payload);

        void close() throws ExecutionException, InterruptedException, TimeoutException;
    }

    private SessionDevice(String clientId, MqttQos qos, int perSecond, int port, boolean mqtt5) {
        this.clientId = clientId;
        this.qos = qos;
        this.port = port;
        this.pauseNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.connection = mqtt5 ? mqtt5(port) : mqtt3(port);
    }

    static SessionDevice mqtt3(String clientId, MqttQos qos, int perSecond, int port) {
        return new SessionDevice(clientId, qos, perSecond, port, false);
    }

    static SessionDevice mqtt5(String clientId, MqttQos qos, int perSecond, int port) {
        return new SessionDevice(clientId, qos, perSecond, port, true);
    }

    String clientId() {
        return clientId;
    }

    /** Of the broker that it connects to. */
    int port() {
        return port;
    }

    boolean isExactlyOnce() {
        return qos == MqttQos.EXACTLY_ONCE;
    }

    /** How many numbers were published; the first is 0. */
    int published() {
        return published.get();
    }

    /** How many of them the broker has acknowledged. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** How often it came back after its connection was lost. */
    int returns() {
        return returns.get();
    }

    /** How often the broker had no session for it when it came back. */
    int sessionsLost() {
        return sessionsLost.get();
    }

    /** Whether a message of it can never be acknowledged. */
    boolean hasFailed() {
        return failure.isCompletedExceptionally();
    }

    void stop() {
        stopping = true;
    }

    /** Publishes until it is stopped, then waits until everything is acknowledged. */
    @Override
    public void run() {
        try {
            connection.open();
            while (!stopping && !failure.isDone()) {
                if (window.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    publishNext();
                    LockSupport.parkNanos(pauseNs);
                }
            }
            if (!window.tryAcquire(MOST_IN_FLIGHT, 60, TimeUnit.SECONDS)) {
                failure.completeExceptionally(new IllegalStateException(
                        clientId + " waits for " + (published.get() - acknowledged.get()) + " acknowledgements"));
            }
            failure.complete(null);
            failure.get();
            connection.close();
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new IllegalStateException(clientId + " could not go on", e);
        }
    }

    private void publishNext() {
        String number = clientId + ":" + published.getAndIncrement();
        connection.publish("sensors/" + clientId, number.getBytes(UTF_8)).whenComplete((result, error) -> {
            if (error == null) {
                acknowledged.incrementAndGet();
                window.release();
            } else {
                failure.completeExceptionally(error);
            }
        });
    }

    private void connected(boolean sessionPresent, boolean first) {
        if (!first) {
            returns.incrementAndGet();
            if (!sessionPresent) {
                sessionsLost.incrementAndGet();
            }
        }
    }

    private MqttClientBuilder reconnecting(int port) {
        return MqttClient.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(RECONNECT_MS, TimeUnit.MILLISECONDS)
                .maxDelay(RECONNECT_AT_MOST_MS, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .addDisconnectedListener(context -> context.getReconnector().republishIfSessionExpired(true));
    }

    private Connection mqtt3(int port) {
        AtomicInteger connections = new AtomicInteger();
        Mqtt3AsyncClient client = reconnecting(port)
                .useMqttVersion3()
                .addConnectedListener(context -> connected(
                        ((Mqtt3ClientConnectedContext) context).getConnAck().isSessionPresent(),
                        connections.getAndIncrement() == 0))
                .buildAsync();
        return new Connection() {
            @Override
            public void open() throws ExecutionException, InterruptedException, TimeoutException {
                client.connectWith().cleanSession(false).send().get(30, TimeUnit.SECONDS);
            }

            @Override
            public CompletableFuture<?> publish(String topic, byte[] payload) {
                return client.publishWith()
                        .topic(topic)
                        .qos(qos)
                        .payload(payload)
                        .send();
            }

            @Override
            public void close() throws ExecutionException, InterruptedException, TimeoutException {
                client.disconnect().get(10, TimeUnit.SECONDS);
            }
        };
    }

    private Connection mqtt5(int port) {
        AtomicInteger connections = new AtomicInteger();
        Mqtt5AsyncClient client = reconnecting(port)
                .useMqttVersion5()
                .addConnectedListener(context -> connected(
                        ((Mqtt5ClientConnectedContext) context).getConnAck().isSessionPresent(),
                        connections.getAndIncrement() == 0))
                .buildAsync();
        return new Connection() {
            @Override
            public void open() throws ExecutionException, InterruptedException, TimeoutException {
                client.connectWith()
                        .cleanStart(false)
                        .sessionExpiryInterval(SESSION_EXPIRY_SECONDS)
                        .send()
                        .get(30, TimeUnit.SECONDS);
            }

            @Override
            public CompletableFuture<?> publish(String topic, byte[] payload) {
                return client.publishWith()
                        .topic(topic)
                        .qos(qos)
                        .payload(payload)
                        .send()
                        .thenAccept(result -> rethrow(result.getError()));
            }

            @Override
            public void close() throws ExecutionException, InterruptedException, TimeoutException {
                client.disconnect().get(10, TimeUnit.SECONDS);
            }
        };
    }

    private static void rethrow(Optional<Throwable> error) {
        error.ifPresent(cause -> {
            throw new IllegalStateException(cause);
        });
    }
}
