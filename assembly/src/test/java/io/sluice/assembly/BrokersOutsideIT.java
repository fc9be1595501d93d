package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.assembly.Fleet.Outcome;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two standalone brokers, a network to each, and a group of two workers with exactly-once source support, each a process
 * of its own: what holds while brokers, workers and the network fail in turn.
 */
class BrokersOutsideIT {

    private static final int PER_SECOND = 50;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of("exactly.once.source.support", "enabled"));

    private static ConnectWorker secondWorker;

    private RemoteBroker one;
    private RemoteBroker other;

    @BeforeAll
    static void startSecondWorker() {
        secondWorker = INSTALLED.anotherWorker();
        secondWorker.start();
    }

    @AfterAll
    static void endSecondWorker() {
        secondWorker.close();
    }

    @BeforeEach
    void startBrokers() throws Exception {
        one = new RemoteBroker();
        other = new RemoteBroker();
    }

    @AfterEach
    void endBrokers() throws Exception {
        one.close();
        other.close();
    }

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
        create(name, 2, Map.of());
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Fleet fleet = new Fleet(PER_SECOND, one.mqttPort(), other.mqttPort())) {
            for (int round = 1; round <= rounds; round++) {
                RemoteBroker failing = round % 2 == 0 ? other : one;
                RemoteBroker healthy = round % 2 == 0 ? one : other;
                ConnectWorker worker = round % 2 == 0 ? INSTALLED.worker() : secondWorker;

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
            assertNothingLostNorRepeated(fleet, name);
        }
    }

    @Test
    void a_change_of_the_number_of_tasks_under_load_loses_and_repeats_nothing() throws Exception {
        String name = "remote-tasks";
        create(name, 1, Map.of("ack.mode", "delivered"));
        try (Fleet fleet = new Fleet(PER_SECOND, one.mqttPort(), other.mqttPort())) {
            fleet.awaitMore(PER_SECOND);
            for (int tasks : new int[] {3, 2}) {
                rest().configure(name, configuration(name, tasks, Map.of("ack.mode", "delivered")));
                awaitTasks(name, tasks);
                fleet.awaitMore(PER_SECOND);
            }
            assertNothingLostNorRepeated(fleet, name);
        }
    }

    @Test
    void with_ack_mode_delivered_a_device_is_acknowledged_when_its_message_has_crossed_the_network_into_kafka()
            throws Exception {
        String name = "remote-delivered";
        create(name, 1, Map.of("ack.mode", "delivered"));
        try (Publisher device = Publisher.mqtt3("device", one.mqttPort());
                TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), name)) {
            device.connect();
            assertThat(device.publish("sensors/1", "1".getBytes(UTF_8))).succeedsWithin(TIMEOUT);
            assertThat(topic.read(1, Duration.ofSeconds(10))).hasSize(1);

            one.network().cut();
            CompletableFuture<?> second = device.publish("sensors/1", "2".getBytes(UTF_8));
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(3)).until(() -> !second.isDone());
            one.network().mend();
            assertThat(second).succeedsWithin(TIMEOUT);
            assertThat(topic.read(2, Duration.ofSeconds(10)))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .containsExactly("1", "2");
        }
        rest().delete(name);
    }

    @Test
    void devices_are_acknowledged_while_no_worker_runs_and_kafka_has_everything_when_one_does_again() throws Exception {
        String name = "remote-alone";
        create(name, 1, Map.of());
        secondWorker.close();
        INSTALLED.worker().close();
        try (Publisher device = Publisher.mqtt3("device", one.mqttPort())) {
            device.connect();
            for (String value : List.of("1", "2", "3")) {
                assertThat(device.publish("sensors/1", value.getBytes(UTF_8))).succeedsWithin(Duration.ofSeconds(10));
            }
        } finally {
            INSTALLED.worker().start();
            secondWorker.start();
        }
        try (TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), name)) {
            assertThat(topic.read(3, TIMEOUT))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .containsExactly("1", "2", "3");
        }
        rest().delete(name);
    }

    @Test
    void a_message_that_kafka_refuses_is_found_although_the_task_is_in_another_worker_after_each_failure()
            throws Exception {
        findsWhatKafkaRefuses("remote-refused-record", 1, BrokersOutsideIT::moveTask);
    }

    @Test
    void a_message_that_kafka_refuses_is_found_by_tasks_that_share_a_broker_although_their_worker_is_killed()
            throws Exception {
        secondWorker.close();
        try {
            findsWhatKafkaRefuses("remote-refused-shared", 3, name -> {
                INSTALLED.worker().kill();
                INSTALLED.worker().start();
            });
        } finally {
            secondWorker.start();
        }
    }

    private void findsWhatKafkaRefuses(String name, int tasks, Consumer<String> afterFailure) throws Exception {
        Map<String, String> small = Map.of(
                "buffer.endpoints",
                one.network().endpoint(),
                "topic.creation.groups",
                "small",
                "topic.creation.small.include",
                name,
                "topic.creation.small.max.message.bytes",
                "2000");
        rest().create(name, configuration(name, tasks, small));
        awaitTasks(name, tasks);
        one.awaitKnown(name);
        byte[] refused = new byte[5_000];
        new Random(7).nextBytes(refused);
        try (Publisher device = Publisher.mqtt3("device", one.mqttPort());
                TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), name);
                TopicReader letters = new TopicReader(INSTALLED.kafka().bootstrapServers(), "mqtt.dead.letters")) {
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
                    assertThat(failures).as("failures").isLessThanOrEqualTo(3);
                    afterFailure.accept(name);
                }
            }
            assertThat(failures).isPositive();
            assertThat(topic.read(40, TIMEOUT))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .isEqualTo(expected);
            assertThat(letters.readUntil(all -> all.stream().anyMatch(letter -> isOf(letter, name)), TIMEOUT))
                    .filteredOn(letter -> isOf(letter, name))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.value()).isEqualTo(refused));
        }
        rest().delete(name);
    }

    private static boolean isOf(ConsumerRecord<String, byte[]> letter, String connector) {
        return new String(letter.headers().lastHeader("sluice.error.connector").value(), UTF_8).equals(connector);
    }

    private static long failures(String name) {
        return Stream.of(INSTALLED.worker(), secondWorker)
                .flatMap(worker -> new WorkerLog(worker).lines().stream())
                .filter(line -> line.contains("id=" + name + "-") && line.contains("unrecoverable exception"))
                .count();
    }

    /** Also while a worker that was killed has not started what has failed again. */
    private static boolean isAnyFailed(String name) {
        return rest().status(name).path("tasks").findValuesAsText("state").contains("FAILED");
    }

    /** Restarts the worker that has the task, so that the other one gets it. */
    private static void moveTask(String name) {
        String before = rest().status(name).at("/tasks/0/worker_id").asText();
        boolean first =
                before.equals(URI.create(INSTALLED.worker().rest().url()).getAuthority());
        ConnectWorker left = first ? INSTALLED.worker() : secondWorker;
        ConnectWorker next = first ? secondWorker : INSTALLED.worker();
        left.close();
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> !next.rest()
                        .status(name)
                        .at("/tasks/0/worker_id")
                        .asText()
                        .equals(before));
        left.start();
    }

    @Test
    void one_broker_under_two_names_is_refused_also_where_two_workers_drain_it() throws Exception {
        String name = "remote-twice";
        String named = one.network().endpoint();
        String alias = named.replace("127.0.0.1", "localhost");
        rest().create(name, configuration(name, 2, Map.of("buffer.endpoints", named + "," + alias)));

        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .untilAsserted(() -> {
                    JsonNode tasks = rest().status(name).path("tasks");
                    assertThat(tasks.findValuesAsText("worker_id")).hasSize(2).doesNotHaveDuplicates();
                    assertThat(tasks.at("/0/trace").asText())
                            .contains(named + " and " + alias + " serve the same buffer, ")
                            .contains("Leave one of them out of buffer.endpoints");
                    assertThat(tasks.at("/1/trace").asText())
                            .contains(alias + " and " + named + " serve the same buffer, ");
                });
        rest().delete(name);
    }

    @Test
    void a_wrong_token_fails_the_task_with_a_sentence_in_its_trace() throws Exception {
        String name = "remote-refused";
        rest().create(name, configuration(name, 1, Map.of("buffer.auth.token", "not-the-token-of-this-broker")));

        awaitTrace(name, "cannot be drained", "token");
        assertThat(rest().status(name).toString()).doesNotContain("not-the-token-of-this-broker");
        rest().delete(name);
    }

    @Test
    void over_tls_broker_and_worker_show_each_other_certificates_and_a_worker_without_one_is_refused(
            @TempDir Path folder) throws Exception {
        String password = "password-of-the-stores";
        Path broker = SelfSigned.keyStore(folder.resolve("broker.p12"), password);
        Path worker = SelfSigned.keyStore(folder.resolve("worker.p12"), password);
        String name = "remote-tls";
        try (RemoteBroker encrypted = RemoteBroker.overTls(broker, worker, password);
                Publisher device = Publisher.mqtt3("device", encrypted.mqttPort());
                TopicReader topic = new TopicReader(INSTALLED.kafka().bootstrapServers(), name)) {
            Map<String, String> config = configuration(
                    name,
                    1,
                    Map.of(
                            "buffer.endpoints", encrypted.network().endpoint(),
                            "buffer.ssl.truststore.location", broker.toString(),
                            "buffer.ssl.truststore.password", password));
            config.remove("buffer.auth.token");
            rest().create(name, config);
            awaitTrace(name, "cannot be drained", "certificate");

            config.put("buffer.ssl.keystore.location", worker.toString());
            config.put("buffer.ssl.keystore.password", password);
            rest().configure(name, config);
            encrypted.awaitKnown(name);
            device.connect();
            assertThat(device.publish("sensors/1", "1".getBytes(UTF_8))).succeedsWithin(TIMEOUT);
            assertThat(topic.read(1, Duration.ofSeconds(10))).hasSize(1);
            rest().delete(name);
        }
    }

    private static void awaitTrace(String name, String... said) {
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .untilAsserted(() -> assertThat(
                                rest().status(name).at("/tasks/0/trace").asText())
                        .contains(said));
    }

    private static void assertNothingLostNorRepeated(Fleet fleet, String name) throws Exception {
        fleet.finish();
        for (Outcome outcome : fleet.outcomes(INSTALLED.kafka().bootstrapServers(), name)) {
            assertThat(outcome.published())
                    .as("%s: published", outcome.device())
                    .isPositive();
            outcome.assertExactlyOnce();
        }
        rest().delete(name);
    }

    private void create(String name, int tasks, Map<String, String> more) throws Exception {
        rest().create(name, configuration(name, tasks, more));
        awaitTasks(name, tasks);
        // What devices publish before the connector has attached for the first time is nobody's.
        one.awaitKnown(name);
        other.awaitKnown(name);
    }

    private Map<String, String> configuration(String name, int tasks, Map<String, String> more) throws Exception {
        Map<String, String> config = Installed.sampleConfiguration("remote.json");
        config.keySet().removeIf(key -> key.startsWith("buffer.ssl."));
        config.put("tasks.max", Integer.toString(tasks));
        config.put("kafka.topic", name);
        config.put(
                "buffer.endpoints",
                one.network().endpoint() + "," + other.network().endpoint());
        config.put("buffer.auth.token", RemoteBroker.TOKEN);
        // A worker that takes a task over waits for the transaction of a killed one to end.
        config.put("producer.override.transaction.timeout.ms", "20000");
        config.putAll(more);
        return config;
    }

    private static void awaitTasks(String name, int tasks) {
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> {
                    JsonNode status = rest().status(name).path("tasks");
                    List<String> states = status.findValuesAsText("state");
                    if (status.toString().contains("InvalidTxnStateException")) {
                        // Kafka has ended the transaction of a task, which its operator starts again (limits.md).
                        rest().restartFailed(name);
                        return false;
                    }
                    assertThat(states).as(status.toString()).doesNotContain("FAILED");
                    return states.equals(Collections.nCopies(tasks, "RUNNING"));
                });
    }

    private static ConnectRest rest() {
        return INSTALLED.worker().rest();
    }
}
