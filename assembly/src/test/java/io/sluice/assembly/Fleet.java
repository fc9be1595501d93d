package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Devices with persistent sessions, of QoS 1 and 2, MQTT 3.1.1 and 5, that publish numbers until they are stopped. */
final class Fleet implements AutoCloseable {

    private static final int DEVICES = 16;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final List<SessionDevice> devices = new ArrayList<>();
    private final List<Future<?>> running = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(DEVICES);

    /**
     * What became of a device's messages.
     *
     * @param lost acknowledged and not in Kafka
     * @param twice in Kafka once more than published
     * @param outOfOrder new numbers that came before a lower one
     */
    record Outcome(String device, boolean qos2, int published, int lost, int twice, int outOfOrder, int sessionsLost) {

        void assertNothingLost() {
            assertThat(lost).as("%s: lost", device).isZero();
            assertThat(sessionsLost).as("%s: sessions lost", device).isZero();
            assertThat(outOfOrder).as("%s: out of order", device).isZero();
        }

        /** Of QoS 1 messages, some may be there twice. */
        void assertExactlyOnce() {
            assertNothingLost();
            if (qos2) {
                assertThat(twice).as("%s: twice", device).isZero();
            }
        }

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
     * Starts sixteen devices, spread evenly over brokers.
     *
     * @param perSecond how many messages a device publishes in a second
     * @param ports of the brokers: one, two or four
     */
    Fleet(int perSecond, int... ports) {
        for (int i = 0; i < DEVICES; i += 4) {
            int port = ports[i / 4 % ports.length];
            devices.add(SessionDevice.mqtt3("qos2-mqtt3-" + i, MqttQos.EXACTLY_ONCE, perSecond, port));
            devices.add(SessionDevice.mqtt5("qos2-mqtt5-" + i, MqttQos.EXACTLY_ONCE, perSecond, port));
            devices.add(SessionDevice.mqtt3("qos1-mqtt3-" + i, MqttQos.AT_LEAST_ONCE, perSecond, port));
            devices.add(SessionDevice.mqtt5("qos1-mqtt5-" + i, MqttQos.AT_LEAST_ONCE, perSecond, port));
        }
        devices.forEach(device -> running.add(threads.submit(device)));
    }

    int published() {
        return devices.stream().mapToInt(SessionDevice::published).sum();
    }

    int acknowledged() {
        return devices.stream().mapToInt(SessionDevice::acknowledged).sum();
    }

    /** How often the device came back that came back least. */
    int leastReturns() {
        return devices.stream().mapToInt(SessionDevice::returns).min().orElseThrow();
    }

    /** Waits until every device has that many more messages acknowledged. */
    void awaitMore(int more) {
        await(afterMore(more, devices), TIMEOUT);
    }

    /**
     * The same, for as long as a Kafka that hangs may make it take.
     *
     * @param look is told every ten seconds how long it has taken
     */
    void awaitMore(int more, Consumer<Duration> look) {
        Map<SessionDevice, Integer> wanted = afterMore(more, devices);
        Instant began = Instant.now();
        while (true) {
            try {
                await(wanted, LOOK);
                return;
            } catch (ConditionTimeoutException e) {
                Duration taken = Duration.between(began, Instant.now());
                if (taken.compareTo(TIMEOUT.multipliedBy(2)) > 0) {
                    throw e;
                }
                look.accept(taken);
            }
        }
    }

    /** The same of the devices of one broker. */
    void awaitMoreAt(int port, int more) {
        await(
                afterMore(
                        more,
                        devices.stream().filter(device -> device.port() == port).toList()),
                TIMEOUT);
    }

    private static Map<SessionDevice, Integer> afterMore(int more, List<SessionDevice> devices) {
        return devices.stream().collect(Collectors.toMap(device -> device, device -> device.acknowledged() + more));
    }

    private void await(Map<SessionDevice, Integer> wanted, Duration patience) {
        Awaitility.await()
                .atMost(patience)
                .pollInterval(Duration.ofMillis(5))
                .failFast("a device gave up", () -> devices.stream().anyMatch(SessionDevice::hasFailed))
                .until(() -> wanted.entrySet().stream()
                        .allMatch(each -> each.getKey().acknowledged() > each.getValue()));
    }

    /** Stops the devices, and waits until all that they have published is acknowledged. */
    void finish() throws Exception {
        devices.forEach(SessionDevice::stop);
        for (Future<?> device : running) {
            device.get(2, TimeUnit.MINUTES);
        }
    }

    /** Reads from the topic until everything published is there, or two minutes are over; prints and returns what is. */
    List<Outcome> outcomes(String bootstrapServers, String topic) {
        int published = published();
        try (TopicReader reader = new TopicReader(bootstrapServers, topic)) {
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
                    .map(Fleet::text)
                    .collect(Collectors.groupingBy(
                            text -> text.substring(0, text.indexOf(':')),
                            Collectors.mapping(
                                    text -> Integer.valueOf(text.substring(text.indexOf(':') + 1)),
                                    Collectors.toList())));
            List<Outcome> outcomes = devices.stream()
                    .map(device -> Outcome.of(device, arrived.getOrDefault(device.clientId(), List.of())))
                    .toList();
            print(topic, outcomes);
            return outcomes;
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

    @Override
    public void close() {
        devices.forEach(SessionDevice::stop);
        threads.shutdown();
    }

    private static String text(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), UTF_8);
    }
}
