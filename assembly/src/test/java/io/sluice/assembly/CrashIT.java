package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.examples.cluster.FreePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CrashIT {

    private static final int CLIENTS = 16;
    private static final int ROUND = 10_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @Test
    void every_message_acknowledged_before_during_or_after_a_crash_of_the_worker_is_in_kafka() throws Exception {
        everyAcknowledgedMessageSurvives("worker", () -> {
            INSTALLED.worker().kill();
            INSTALLED.worker().start();
        });
    }

    @Test
    void every_message_acknowledged_before_during_or_after_a_crash_of_kafka_is_in_kafka() throws Exception {
        everyAcknowledgedMessageSurvives("kafka", () -> {
            INSTALLED.kafka().kill();
            INSTALLED.kafka().start();
        });
    }

    private static void everyAcknowledgedMessageSurvives(String name, Runnable crash) throws Exception {
        int port = FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(port);
        config.put("kafka.topic", "crash-" + name);
        config.put("broker.name", name);
        INSTALLED.worker().rest().create(name, config);
        INSTALLED.worker().rest().awaitRunning(name, TIMEOUT);

        AtomicBoolean goOn = new AtomicBoolean(true);
        List<PersistentPublisher> devices = IntStream.range(0, CLIENTS)
                .mapToObj(number -> new PersistentPublisher(
                        "device-" + number,
                        clientId -> number % 2 == 0 ? Publisher.mqtt3(clientId, port) : Publisher.mqtt5(clientId, port),
                        goOn::get))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            devices.forEach(device -> running.add(threads.submit(device)));
            await().atMost(TIMEOUT).until(() -> acknowledged(devices) >= ROUND);
            crash.run();
            long before = acknowledged(devices);
            await().atMost(TIMEOUT).until(() -> acknowledged(devices) >= before + ROUND);
            goOn.set(false);
            for (Future<?> device : running) {
                device.get(30, TimeUnit.SECONDS);
            }
        } finally {
            goOn.set(false);
            threads.shutdown();
        }

        List<String> arrived = arrived("crash-" + name, devices);
        for (PersistentPublisher device : devices) {
            Set<String> missing = new LinkedHashSet<>(device.acknowledged());
            arrived.forEach(missing::remove);
            assertThat(missing).as("acknowledged, but not in Kafka").isEmpty();
            assertThat(firstArrivals(arrived, device)).isSorted();
        }
        INSTALLED.worker().rest().delete(name);
    }

    private static long acknowledged(List<PersistentPublisher> devices) {
        return devices.stream()
                .mapToLong(device -> device.acknowledged().size())
                .sum();
    }

    /** The messages in the topic, as soon as all that were acknowledged are, or when the time is over. */
    private static List<String> arrived(String topic, List<PersistentPublisher> devices) {
        Set<String> awaited = devices.stream()
                .flatMap(device -> device.acknowledged().stream())
                .collect(Collectors.toSet());
        int[] seen = {0};
        try (TopicReader reader = new TopicReader(INSTALLED.kafka().bootstrapServers(), topic)) {
            return reader
                    .readUntil(
                            records -> {
                                records.subList(seen[0], records.size())
                                        .forEach(record -> awaited.remove(text(record)));
                                seen[0] = records.size();
                                return awaited.isEmpty();
                            },
                            TIMEOUT)
                    .stream()
                    .map(CrashIT::text)
                    .toList();
        }
    }

    /** The numbers of a device's messages, each where it arrived first. */
    private static List<Integer> firstArrivals(List<String> arrived, PersistentPublisher device) {
        String own = device.clientId() + ":";
        return new LinkedHashSet<>(arrived)
                .stream()
                        .filter(message -> message.startsWith(own))
                        .map(message -> Integer.valueOf(message.substring(own.length())))
                        .toList();
    }

    private static String text(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), UTF_8);
    }
}
