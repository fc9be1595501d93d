package io.sluice.examples;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Thermometers that publish over MQTT 5 with QoS 1, each on a separate connection, to a separate topic.
 *
 * <p>Thread-safe.
 */
final class Devices implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_SECONDS = 30;

    private final List<Mqtt5AsyncClient> clients;

    private Devices(List<Mqtt5AsyncClient> clients) {
        this.clients = clients;
    }

    /**
     * Connects them to a broker on this machine.
     *
     * @param count how many; at least 1
     * @throws IllegalStateException if one is not let in
     */
    static Devices connect(int count, int port) {
        Devices devices = new Devices(IntStream.rangeClosed(1, count)
                .mapToObj(number -> Mqtt5Client.builder()
                        .identifier("thermometer-" + number)
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .automaticReconnectWithDefaultConfig()
                        .buildAsync())
                .toList());
        try {
            for (Mqtt5AsyncClient client : devices.clients) {
                client.connect().get(CONNECT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the devices connect", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("A device cannot connect to 127.0.0.1:" + port, e);
        }
        return devices;
    }

    int count() {
        return clients.size();
    }

    /**
     * Publishes a reading from the device whose turn it is.
     *
     * @param number of the reading; the devices take turns
     * @return complete when the broker has acknowledged it
     */
    CompletionStage<Mqtt5PublishResult> publish(int number) {
        int device = number % clients.size();
        double celsius = 20 + 5 * Math.sin(number / 50.0 + device);
        String reading = String.format(Locale.ROOT, "{\"reading\":%d,\"celsius\":%.1f}", number, celsius);
        return clients.get(device)
                .publishWith()
                .topic("sensors/" + (device + 1) + "/temp")
                .qos(MqttQos.AT_LEAST_ONCE)
                .contentType("application/json")
                .payload(reading.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    @Override
    public void close() {
        CompletableFuture<?>[] goodbyes =
                clients.stream().map(Mqtt5AsyncClient::disconnect).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(goodbyes)
                .orTimeout(2, TimeUnit.SECONDS)
                .exceptionally(error -> null)
                .join();
    }
}
