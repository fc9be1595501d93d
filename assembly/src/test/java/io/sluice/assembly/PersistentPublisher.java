package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A device that never gives up: it publishes numbered messages, several in flight, and those that were not acknowledged
 * again and again, over new connections, until they are.
 */
final class PersistentPublisher implements Runnable {

    private static final int IN_FLIGHT = 50;

    /** Makes a connection that is not open yet. */
    interface Connections {
        Publisher next(String clientId) throws Exception;
    }

    private final String clientId;
    private final Connections connections;
    private final BooleanSupplier goOn;
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private Publisher connection;

    PersistentPublisher(String clientId, Connections connections, BooleanSupplier goOn) {
        this.clientId = clientId;
        this.connections = connections;
        this.goOn = goOn;
    }

    /** What the broker has acknowledged. */
    Queue<String> acknowledged() {
        return acknowledged;
    }

    String clientId() {
        return clientId;
    }

    @Override
    public void run() {
        for (int first = 0; goOn.getAsBoolean(); first += IN_FLIGHT) {
            publishUntilAcknowledged(IntStream.range(first, first + IN_FLIGHT)
                    .mapToObj(number -> clientId + ":" + number)
                    .toList());
        }
        disconnect();
    }

    private void publishUntilAcknowledged(List<String> messages) {
        Set<String> done = ConcurrentHashMap.newKeySet();
        while (done.size() < messages.size() && goOn.getAsBoolean()) {
            try {
                if (connection == null) {
                    connection = connections.next(clientId);
                    connection.connect();
                }
                publish(
                        messages.stream()
                                .filter(message -> !done.contains(message))
                                .toList(),
                        done);
            } catch (Exception e) {
                disconnect();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        acknowledged.addAll(done);
    }

    private void publish(List<String> messages, Set<String> done) throws Exception {
        CompletableFuture<?>[] publishes = new CompletableFuture<?>[messages.size()];
        for (int i = 0; i < publishes.length; i++) {
            String message = messages.get(i);
            publishes[i] = connection
                    .publish("sensors/" + clientId + "/temp", message.getBytes(UTF_8))
                    .thenRun(() -> done.add(message));
        }
        CompletableFuture.allOf(publishes).get(10, TimeUnit.SECONDS);
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
