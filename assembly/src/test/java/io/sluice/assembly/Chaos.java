package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.examples.cluster.FreePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Devices with persistent sessions publish while the worker and Kafka are killed (SIGKILL) at random moments. Every round
 * prints how far they have come, and the end what is in Kafka.
 */
final class Chaos {

    /** How many messages a device publishes in a second. */
    static final int PER_SECOND = 100;

    private static final int DEVICES = 16;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private Chaos() {}

    /**
     * What became of a device's messages.
     *
     * @param lost acknowledged and not in Kafka
     * @param twice in Kafka once more than published
     * @param outOfOrder new numbers that came before a lower one
     */
    record Outcome(String device, boolean qos2, int published, int lost, int twice, int outOfOrder, int sessionsLost) {

        static Outcome of(SessionDevice device, List<Integer> arrived) {
            Set<Integer> seen = new HashSet<>();
            int highest = -1;
            int outOfOrder = 0;
            for (int number : arrived) {
                if (seen.add(number) && number < highest) {
                    outOfOrder++;
                }
                highest = Math.max(highest, number);
            }
            return new Outcome(
                    device.clientId(),
                    device.isExactlyOnce(),
                    device.published(),
                    device.published() - seen.size(),
                    arrived.size() - seen.size(),
                    outOfOrder,
                    device.sessionsLost());
        }
    }

    /**
     * Lets devices publish while the worker, then Kafka, is killed at a random moment of each round.
     *
     * @param name of connector, topic and broker
     */
    static List<Outcome> publishThrough(Installed installed, String name, int rounds) throws Exception {
        int port = FreePort.next();
        Map<String, String> config = installed.firstConfiguration(port);
        config.put("kafka.topic", name);
        config.put("broker.name", name);
        // A worker that starts again waits for the transaction of its killed self to end.
        config.put("producer.override.transaction.timeout.ms", "5000");
        installed.worker().rest().create(name, config);
        installed.worker().rest().awaitRunning(name, TIMEOUT);

        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<SessionDevice> devices = devices(port);
        ExecutorService threads = Executors.newFixedThreadPool(DEVICES);
        List<Future<?>> running = new ArrayList<>();
        try {
            devices.forEach(device -> running.add(threads.submit(device)));
            for (int round = 1; round <= rounds; round++) {
                awaitMore(devices, random.nextInt(4 * PER_SECOND));
                installed.worker().kill();
                installed.worker().start();
                awaitMore(devices, random.nextInt(4 * PER_SECOND));
                installed.kafka().kill();
                installed.kafka().start();
                System.out.printf(
                        "%s, seed %d, round %d of %d: %d published, %d acknowledged%n",
                        name, seed, round, rounds, sum(devices, true), sum(devices, false));
            }
            awaitMore(devices, PER_SECOND);
            devices.forEach(SessionDevice::stop);
            for (Future<?> device : running) {
                device.get(2, TimeUnit.MINUTES);
            }
        } finally {
            devices.forEach(SessionDevice::stop);
            threads.shutdown();
        }
        assertThat(devices).allSatisfy(device -> assertThat(device.returns()).isGreaterThanOrEqualTo(rounds));
        List<Outcome> outcomes = outcomes(installed, name, devices);
        print(name, outcomes);
        installed.worker().rest().delete(name);
        return outcomes;
    }

    private static List<SessionDevice> devices(int port) {
        List<SessionDevice> devices = new ArrayList<>();
        for (int i = 0; i < DEVICES; i += 4) {
            devices.add(SessionDevice.mqtt3("qos2-mqtt3-" + i, MqttQos.EXACTLY_ONCE, PER_SECOND, port));
            devices.add(SessionDevice.mqtt5("qos2-mqtt5-" + i, MqttQos.EXACTLY_ONCE, PER_SECOND, port));
            devices.add(SessionDevice.mqtt3("qos1-mqtt3-" + i, MqttQos.AT_LEAST_ONCE, PER_SECOND, port));
            devices.add(SessionDevice.mqtt5("qos1-mqtt5-" + i, MqttQos.AT_LEAST_ONCE, PER_SECOND, port));
        }
        return devices;
    }

    private static int sum(List<SessionDevice> devices, boolean published) {
        return devices.stream()
                .mapToInt(device -> published ? device.published() : device.acknowledged())
                .sum();
    }

    /** Waits until every device has that many more messages acknowledged. */
    private static void awaitMore(List<SessionDevice> devices, int more) {
        Map<SessionDevice, Integer> before =
                devices.stream().collect(Collectors.toMap(device -> device, SessionDevice::acknowledged));
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(5))
                .failFast("a device gave up", () -> devices.stream().anyMatch(SessionDevice::hasFailed))
                .until(() -> devices.stream().allMatch(device -> device.acknowledged() > before.get(device) + more));
    }

    private static List<Outcome> outcomes(Installed installed, String topic, List<SessionDevice> devices) {
        int published = sum(devices, true);
        try (TopicReader reader = new TopicReader(installed.kafka().bootstrapServers(), topic)) {
            Set<String> distinct = new HashSet<>();
            int[] counted = {0};
            Map<String, List<Integer>> arrived = reader
                    .readUntil(
                            records -> {
                                records.subList(counted[0], records.size())
                                        .forEach(record -> distinct.add(text(record)));
                                counted[0] = records.size();
                                return distinct.size() >= published;
                            },
                            TIMEOUT)
                    .stream()
                    .map(Chaos::text)
                    .collect(Collectors.groupingBy(
                            text -> text.substring(0, text.indexOf(':')),
                            Collectors.mapping(
                                    text -> Integer.valueOf(text.substring(text.indexOf(':') + 1)),
                                    Collectors.toList())));
            return devices.stream()
                    .map(device -> Outcome.of(device, arrived.getOrDefault(device.clientId(), List.of())))
                    .toList();
        }
    }

    private static void print(String name, List<Outcome> outcomes) {
        for (boolean qos2 : new boolean[] {true, false}) {
            List<Outcome> some =
                    outcomes.stream().filter(outcome -> outcome.qos2() == qos2).toList();
            System.out.printf(
                    "%s, QoS %d: %d published, %d lost, %d twice, %d out of order%n",
                    name,
                    qos2 ? 2 : 1,
                    some.stream().mapToInt(Outcome::published).sum(),
                    some.stream().mapToInt(Outcome::lost).sum(),
                    some.stream().mapToInt(Outcome::twice).sum(),
                    some.stream().mapToInt(Outcome::outOfOrder).sum());
        }
    }

    private static String text(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), UTF_8);
    }
}
