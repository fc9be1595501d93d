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
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What tasks do with a message of a standalone broker that Kafka refuses. */
@Tag("nightly")
class BrokersOutsideRefusalIT {

    /**
     * The first leaves several records in doubt. The one that is refused is proven with the second if others went through
     * before it, with the third if it came first, and with the fifth where each refusal took long.
     */
    private static final int MOST_FAILURES = 5;

    @RegisterExtension
    static final TwoBrokers BROKERS = new TwoBrokers();

    @Test
    void a_message_that_kafka_refuses_is_found_although_the_task_is_in_another_worker_after_each_failure()
            throws Exception {
        BROKERS.secondWorker();
        findsWhatKafkaRefuses("remote-refused-record", 1, BrokersOutsideRefusalIT::moveTask);
    }

    @Test
    void a_message_that_kafka_refuses_is_found_by_tasks_that_share_a_broker_although_their_worker_is_killed()
            throws Exception {
        BROKERS.endSecondWorker();
        findsWhatKafkaRefuses("remote-refused-shared", 3, name -> {
            BROKERS.firstWorker().kill();
            BROKERS.firstWorker().start();
        });
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
        BROKERS.create(name, tasks, small);
        byte[] refused = new byte[5_000];
        new Random(7).nextBytes(refused);
        try (Publisher device = Publisher.mqtt3("device", BROKERS.one().mqttPort());
                TopicReader topic = new TopicReader(BROKERS.bootstrapServers(), name);
                TopicReader letters = new TopicReader(BROKERS.bootstrapServers(), "mqtt.dead.letters")) {
            device.connect();
            List<String> expected = new ArrayList<>();
            List<CompletableFuture<Void>> acknowledged = new ArrayList<>();
            // What has waited goes to Kafka together.
            BROKERS.one().network().cut();
            for (int i = 1; i <= 40; i++) {
                expected.add(Integer.toString(i));
                acknowledged.add(device.publish("sensors/1", Integer.toString(i).getBytes(UTF_8)));
                if (i == 20) {
                    acknowledged.add(device.publish("sensors/1", refused));
                }
            }
            assertThat(acknowledged).allSatisfy(each -> assertThat(each).succeedsWithin(TwoBrokers.TIMEOUT));
            BROKERS.one().network().mend();

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
        return BROKERS.workers()
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
