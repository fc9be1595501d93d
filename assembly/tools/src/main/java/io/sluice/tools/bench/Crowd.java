package io.sluice.tools.bench;

import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttLogin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** The devices of a run. Their ids begin alike, and differ from those of any other run. */
final class Crowd {

    /** What a broker's queue of new connections takes. */
    private static final int AT_ONCE = 50;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name =
            "bench-" + Integer.toHexString(ThreadLocalRandom.current().nextInt() | 1 << 31);
    private final List<MqttDevice> devices = new ArrayList<>();

    /** Devices whose sessions end with their connections. */
    Crowd(MqttLogin login, int number, BenchCounts counts) {
        this(number, clientId -> MqttDevice.of(login, clientId, counts::connectionLost));
    }

    /** @param maker makes the device of a client id */
    Crowd(int number, Function<String, MqttDevice> maker) {
        for (int i = 0; i < number; i++) {
            devices.add(maker.apply(name + "-" + i));
        }
    }

    String name() {
        return name;
    }

    List<MqttDevice> devices() {
        return devices;
    }

    /**
     * Connects all of them, some at a time.
     *
     * @throws ToolException if one cannot
     */
    void connect() {
        Semaphore free = new Semaphore(AT_ONCE);
        List<CompletableFuture<Void>> connecting = new ArrayList<>();
        for (MqttDevice device : devices) {
            free.acquireUninterruptibly();
            connecting.add(device.connect().whenComplete((done, failure) -> free.release()));
        }
        await(connecting, "cannot connect");
    }

    static void await(List<CompletableFuture<Void>> futures, String otherwise) {
        try {
            CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw ToolException.unreachable(
                    "A client " + otherwise + ": " + MqttDevice.reason(e.getCause() == null ? e : e.getCause()) + ".",
                    e);
        } catch (TimeoutException e) {
            throw ToolException.unreachable("A client " + otherwise + " in " + PATIENCE.toSeconds() + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ToolException.failed("Interrupted while clients connected.", e);
        }
    }

    /** Lets all of them leave, and does not wait for those that cannot. */
    void leave() {
        awaitLeave(devices.stream().map(MqttDevice::disconnect).toList());
    }

    static void awaitLeave(List<CompletableFuture<Void>> leaving) {
        CompletableFuture.allOf(leaving.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, 2, TimeUnit.SECONDS)
                .handle((done, failure) -> "left")
                .join();
    }
}
