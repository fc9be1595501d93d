package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.FuzzDevice.Fate;
import io.sluice.broker.FuzzDevice.LastWords;
import io.sluice.broker.FuzzDevice.Published;
import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whole sessions of valid packets in odd orders, over TCP and WebSocket, in MQTT 3.1, 3.1.1 and 5, of several devices at a
 * time; what must be in the buffer is known, and is compared.
 *
 * <p>A failure names the seed of its round; {@code -Dfuzz.seed=} runs that round alone.
 */
class SessionFuzzTest {

    private static final int DEVICES = 12;

    @Test
    void whatever_devices_do_what_they_are_told_is_safe_is_captured() throws Exception {
        run(Duration.ofSeconds(8));
    }

    @Test
    @Tag("soak")
    void for_an_hour_whatever_devices_do_what_they_are_told_is_safe_is_captured() throws Exception {
        run(Duration.ofHours(1));
    }

    private static void run(Duration time) throws Exception {
        Long wanted = Long.getLong("fuzz.seed");
        long seed = wanted != null ? wanted : System.nanoTime();
        long end = System.nanoTime() + time.toNanos();
        ExecutorService devices = Executors.newFixedThreadPool(DEVICES);
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            do {
                round(seed, broker, reader, devices);
                seed++;
            } while (wanted == null && System.nanoTime() < end);
        } finally {
            devices.shutdownNow();
        }
    }

    private static void round(long seed, TestBroker broker, TestBroker.Reader reader, ExecutorService pool)
            throws Exception {
        List<Future<FuzzDevice>> running = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            running.add(pool.submit(new FuzzDevice(
                    seed * DEVICES + i,
                    broker.port(),
                    broker.port(Listener.Transport.WS),
                    "device-" + Long.toHexString(seed) + "-" + i)));
        }
        List<FuzzDevice> lived = new ArrayList<>();
        AssertionError failed = new AssertionError("with -Dfuzz.seed=" + seed);
        for (Future<FuzzDevice> device : running) {
            try {
                lived.add(device.get());
            } catch (ExecutionException e) {
                failed.addSuppressed(e.getCause());
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
        Map<String, List<String>> captured = new HashMap<>();
        Duration quiet = Duration.ofMillis(300);
        for (List<StoredMessage> batch = reader.next(100_000, quiet);
                !batch.isEmpty();
                batch = reader.next(100_000, quiet)) {
            for (StoredMessage stored : batch) {
                captured.computeIfAbsent(stored.message().topic(), topic -> new ArrayList<>())
                        .add(TestBroker.text(stored.message()));
            }
        }
        for (FuzzDevice device : lived) {
            List<String> its = captured.getOrDefault(device.topic(), List.of());
            String as = device.topic() + " with -Dfuzz.seed=" + seed + ": " + its;
            assertPublished(as, device, its);
            assertWills(as, device, its);
        }
    }

    private static void assertPublished(String as, FuzzDevice device, List<String> captured) {
        Map<String, Long> times = new HashMap<>();
        int highest = -1;
        for (String payload : captured) {
            if (times.merge(payload, 1L, Long::sum) == 1 && !payload.startsWith("will")) {
                int number = Integer.parseInt(payload);
                assertThat(number).as("order of %s", as).isGreaterThan(highest);
                highest = number;
            }
        }
        for (Published one : device.published()) {
            long count = times.getOrDefault(one.payload, 0L);
            assertThat(count)
                    .as("%s at QoS %d, which %s be in %s", one.payload, one.qos, one.fate, as)
                    .isBetween(one.fate == Fate.MUST ? 1L : 0L, most(one));
        }
    }

    private static long most(Published one) {
        if (one.fate == Fate.MUST_NOT) {
            return 0;
        }
        return one.qos == 1 ? Long.MAX_VALUE : 1;
    }

    private static void assertWills(String as, FuzzDevice device, List<String> captured) {
        for (LastWords will : device.wills()) {
            long count = captured.stream().filter(will.payload::equals).count();
            assertThat(count)
                    .as("%s, which %s be in %s", will.payload, will.fate, as)
                    .isBetween(will.fate == Fate.MUST ? 1L : 0L, will.fate == Fate.MUST_NOT ? 0L : 1L);
            int at = captured.indexOf(will.payload);
            assertThat(captured.subList(0, Math.max(0, at)))
                    .as("before %s comes nothing of the next connection in %s", will.payload, as)
                    .filteredOn(payload -> !payload.startsWith("will"))
                    .allSatisfy(payload -> assertThat(Integer.parseInt(payload)).isLessThan(will.nextNumber));
        }
    }
}
