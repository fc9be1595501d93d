package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What holds while standalone brokers, workers and the network fail in turn, and while Kafka refuses a record. */
class BrokersOutsideChaosIT {

    private static final int PER_SECOND = 50;

    /** Three, and two more where the machine is slow. */
    private static final int MOST_FAILURES = 5;

    @RegisterExtension
    static final TwoBrokers BROKERS = new TwoBrokers();

    @Test
    void qos_2_messages_are_in_kafka_once_and_in_order_when_broker_worker_and_network_fail_in_turn() throws Exception {
        rounds(1);
    }

    @Test
    @Tag("soak")
    void qos_2_messages_are_in_kafka_once_and_in_order_through_many_failures() throws Exception {
        rounds(10);
    }

    private void rounds(int rounds) throws Exception {
        String name = "remote-chaos";
        BROKERS.create(name, 2, Map.of());
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Fleet fleet =
                new Fleet(PER_SECOND, BROKERS.one().mqttPort(), BROKERS.other().mqttPort())) {
            for (int round = 1; round <= rounds; round++) {
                RemoteBroker failing = round % 2 == 0 ? BROKERS.other() : BROKERS.one();
                RemoteBroker healthy = round % 2 == 0 ? BROKERS.one() : BROKERS.other();
                ConnectWorker worker = round % 2 == 0 ? BROKERS.firstWorker() : BROKERS.secondWorker();

                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                failing.kill();
                fleet.awaitMoreAt(healthy.mqttPort(), PER_SECOND);
                failing.start();
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                worker.kill();
                worker.start();
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                failing.network().cut();
                fleet.awaitMoreAt(healthy.mqttPort(), PER_SECOND);
                failing.network().mend();
                healthy.network().delay(100);
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                healthy.network().delay(0);
                System.out.printf(
                        "%s, seed %d, round %d of %d: %d published, %d acknowledged%n",
                        name, seed, round, rounds, fleet.published(), fleet.acknowledged());
            }
            fleet.awaitMore(PER_SECOND);
            BROKERS.assertExactlyOnce(fleet, name);
        }
    }

    @Test
    void a_message_that_kafka_refuses_is_found_although_the_task_is_in_another_worker_after_each_failure()
            throws Exception {
        findsWhatKafkaRefuses("remote-refused-record", 1, BrokersOutsideChaosIT::moveTask);
    }

    @Test
    void a_message_that_kafka_refuses_is_found_by_tasks_that_share_a_broker_although_their_worker_is_killed()
            throws Exception {
        BROKERS.secondWorker().close();
        try {
            findsWhatKafkaRefuses("remote-refused-shared", 3, name -> {
                BROKERS.firstWorker().kill();
                BROKERS.firstWorker().start();
            });
        } finally {
            BROKERS.secondWorker().start();
        }
    }

    private void findsWhatKafkaRefuses(String name, int tasks, Consumer<String> afterFailure) throws Exception {
        Map<String, String> small = Map.of(
                "buffer.endpoints",
                BROKERS.one().network().endpoint(),
                "topic.creation.groups",
                "small",
                "topic.creation.small.include",
                name,
                "topic.creation.small.max.message.bytes",
                "2000");
        BROKERS.rest().create(name, BROKERS.configuration(name, tasks, small));
        BROKERS.awaitTasks(name, tasks);
        BROKERS.one().awaitKnown(name);
        byte[] refused = new byte[5_000];
        new Random(7).nextBytes(refused);
        try (Publisher device = Publisher.mqtt3("device", BROKERS.one().mqttPort());
                TopicReader topic = new TopicReader(BROKERS.bootstrapServers(), name);
                TopicReader letters = new TopicReader(BROKERS.bootstrapServers(), "mqtt.dead.letters")) {
            device.connect();
            List<String> expected = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                expected.add(Integer.toString(i));
                device.publish("sensors/1", Integer.toString(i).getBytes(UTF_8));
                if (i == 20) {
                    device.publish("sensors/1", refused);
                }
            }

            int failures = 0;
            while (topic.read(40, Duration.ofMillis(500)).size() < 40) {
                if (failures(name) > failures && isAnyFailed(name)) {
                    failures++;
                    assertThat(failures).as("failures").isLessThanOrEqualTo(MOST_FAILURES);
                    afterFailure.accept(name);
                }
            }
            assertThat(failures).isPositive();
            assertThat(topic.read(40, TwoBrokers.TIMEOUT))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .isEqualTo(expected);
            assertThat(letters.readUntil(
                            all -> all.stream().anyMatch(letter -> isOf(letter, name)), TwoBrokers.TIMEOUT))
                    .filteredOn(letter -> isOf(letter, name))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.value()).isEqualTo(refused));
        }
        BROKERS.rest().delete(name);
    }

    private static boolean isOf(ConsumerRecord<String, byte[]> letter, String connector) {
        return new String(letter.headers().lastHeader("sluice.error.connector").value(), UTF_8).equals(connector);
    }

    private static long failures(String name) {
        return Stream.of(BROKERS.firstWorker(), BROKERS.secondWorker())
                .flatMap(worker -> new WorkerLog(worker).lines().stream())
                .filter(line -> line.contains("id=" + name + "-") && line.contains("unrecoverable exception"))
                .count();
    }

    /** Also while a worker that was killed has not started what has failed again. */
    private static boolean isAnyFailed(String name) {
        return BROKERS.rest()
                .status(name)
                .path("tasks")
                .findValuesAsText("state")
                .contains("FAILED");
    }

    /** Restarts the worker that has the task, so that the other one gets it. */
    private static void moveTask(String name) {
        String before = BROKERS.rest().status(name).at("/tasks/0/worker_id").asText();
        boolean first =
                before.equals(URI.create(BROKERS.firstWorker().rest().url()).getAuthority());
        ConnectWorker left = first ? BROKERS.firstWorker() : BROKERS.secondWorker();
        ConnectWorker next = first ? BROKERS.secondWorker() : BROKERS.firstWorker();
        left.close();
        await().atMost(TwoBrokers.TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> !next.rest()
                        .status(name)
                        .at("/tasks/0/worker_id")
                        .asText()
                        .equals(before));
        left.start();
    }
}
