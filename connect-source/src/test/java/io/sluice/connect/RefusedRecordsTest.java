package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A record that Kafka, a converter or a transformation refuses costs that record, and a task that fails stands up again. */
class RefusedRecordsTest {

    private static final String DEAD = "mqtt.dead.letters";

    private static final int MANY = 100_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    private TaskHarness connect;

    @AfterEach
    void close() {
        connect.close();
    }

    @Test
    void what_fails_on_the_spot_while_others_arrive_becomes_a_dead_letter_with_the_next_start() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 5);
        List<SourceRecord> records = connect.poll(5);
        records.subList(0, 3).forEach(TaskHarness::take); // and at the third it fails
        acknowledgeOnProducer(records.subList(0, 2));

        connect.restartFailed();
        List<SourceRecord> again = deliverAll();

        assertThat(payloads(again)).containsExactly("3", "4", "5");
        assertThat(again).extracting(SourceRecord::topic).containsExactly(DEAD, "iot", "iot");
        assertThat(error(again.get(0)))
                .startsWith(
                        "The message at position 2, published to t by client c, was mapped by route default, but its"
                                + " record was the only one on its way when the task failed");
        assertThat(connect.heldBack()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.sluice.connect.delivery.LossLog", "io.sluice.events"})
    void a_log_that_throws_makes_no_message_that_cannot_be_mapped_fail_the_task(String logger) throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "name", "without-" + logger, "value.format", "json")
                .start();
        FailingLog log = FailingLog.at(logger, "cannot be mapped", "message.dead.letter");
        try {
            connect.publish(MessageBuilder.to("t").payload("no JSON").build());
            connect.publish("good", 1, 1);

            assertThat(connect.poll(2)).extracting(SourceRecord::topic).containsExactly(DEAD, "iot");
            assertThat(new TaskMBeans("without-" + logger).ofTask("sluice-dead-letters-total"))
                    .isEqualTo(1);
            assertThat(Events.of("without-" + logger)).containsOnlyOnce("message.dead.letter");
        } finally {
            log.close();
            connect.task().stop();
        }
    }

    @Test
    void an_element_of_a_message_that_fails_on_the_spot_becomes_a_dead_letter_by_itself() throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "value.split", "root").start();
        connect.publish(MessageBuilder.to("t").payload("[1,2,3,4,5]").build());
        List<SourceRecord> records = connect.poll(5);
        records.subList(0, 3).forEach(TaskHarness::take);
        acknowledgeOnProducer(records.subList(0, 2));
        connect.storeOffsets(records.subList(0, 2));

        connect.restartFailed();
        List<SourceRecord> again = deliverAll();

        assertThat(payloads(again)).containsExactly("3", "4", "5");
        assertThat(again).extracting(SourceRecord::topic).containsExactly(DEAD, "iot", "iot");
        assertThat(again.get(0).headers().lastWithName("sluice.error.element").value())
                .isEqualTo("2");
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void it_is_the_same_record_that_is_blamed_when_another_route_has_come_before_its_own() throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "routes", "late", "route.late.topic.filters", "#")
                .start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        records.subList(0, 2).forEach(TaskHarness::take);
        acknowledgeOnProducer(records.subList(0, 1));

        connect.configure("routes", "early,late").configure("route.early.topic.filters", "#");
        connect.restartFailed();
        List<SourceRecord> again = deliverAll();

        assertThat(again)
                .filteredOn(record -> record.topic().equals(DEAD))
                .singleElement()
                .satisfies(letter -> {
                    assertThat(payloads(List.of(letter))).containsExactly("2");
                    assertThat(error(letter)).contains("was mapped by route late");
                });
    }

    @Test
    void to_give_up_many_records_costs_each_no_more_than_to_give_up_a_few() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "value.split", "root", "errors.tolerance", "all")
                .configure("value.split.max", Integer.toString(MANY))
                .start();
        publishMany();
        List<SourceRecord> records = connect.poll(MANY);
        assertThat(records).hasSize(MANY);

        AtomicLong cpuNs = new AtomicLong();
        onProducer(() -> {
            long before = THREADS.getCurrentThreadCpuTime();
            records.forEach(record -> connect.task().commitRecord(record, null));
            cpuNs.set(THREADS.getCurrentThreadCpuTime() - before);
        });
        assertThat(Duration.ofNanos(cpuNs.get())).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void to_hand_over_many_records_one_by_one_costs_each_no_more_than_a_few() throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "value.split", "root")
                .configure("value.split.max", Integer.toString(MANY))
                .start();
        publishMany();
        connect.poll(MANY).subList(0, 2).forEach(TaskHarness::take);
        connect.restartFailed();

        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < MANY; i++) {
            List<SourceRecord> next = connect.task().poll();
            assertThat(next).hasSize(1);
            connect.acknowledge(next);
        }
        assertThat(Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - before)).isLessThan(Duration.ofSeconds(4));
    }

    /** Kafka acknowledges each while the task waits for that, which it does for half a second. */
    @Test
    void of_records_handed_over_one_by_one_the_next_does_not_wait_once_the_one_before_has_arrived() throws Exception {
        int count = 40;
        connect = TaskHarness.with(Optional.of(folder), "value.split", "root").start();
        connect.publish(MessageBuilder.to("t")
                .payload("[" + "1,".repeat(count - 1) + "1]")
                .build());
        connect.poll(count).subList(0, 2).forEach(TaskHarness::take);
        connect.restartFailed();

        Thread task = Thread.currentThread();
        long before = System.nanoTime();
        for (int delivered = 0; delivered < count; ) {
            List<SourceRecord> next = connect.poll(1);
            delivered += next.size();
            if (!next.isEmpty() && delivered < count) {
                new Thread(() -> {
                            while (task.getState() != Thread.State.TIMED_WAITING) {
                                Thread.onSpinWait();
                            }
                            connect.acknowledge(next);
                        })
                        .start();
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    private void publishMany() {
        connect.publish(MessageBuilder.to("t")
                .payload("[" + "1,".repeat(MANY - 1) + "1]")
                .build());
    }

    @Test
    @Timeout(10)
    void of_many_elements_that_kafka_connect_gives_up_the_message_is_split_once() throws Exception {
        connect = TaskHarness.with(
                        Optional.empty(), "value.split", "root", "value.split.max", "5000", "errors.tolerance", "all")
                .start();
        connect.publish(
                MessageBuilder.to("t").payload("[" + "1,".repeat(4_999) + "1]").build());
        List<SourceRecord> records = connect.poll(5_000);
        onProducer(() -> records.forEach(record -> {
            TaskHarness.take(record);
            connect.task().commitRecord(record, null);
        }));

        List<SourceRecord> letters = connect.poll(5_000);
        assertThat(letters).hasSize(5_000).extracting(SourceRecord::topic).containsOnly(DEAD);
        assertThat(letters.get(4_999)
                        .headers()
                        .lastWithName("sluice.error.element")
                        .value())
                .isEqualTo("4999");
    }

    @Test
    void what_kafka_refuses_among_others_is_found_by_sending_one_record_at_a_time() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 4);
        connect.poll(4).forEach(TaskHarness::take); // as one transaction, which fails

        List<SourceRecord> delivered = new ArrayList<>();
        for (int start = 1; delivered.size() < 4; start++) {
            assertThat(start).isLessThanOrEqualTo(3);
            connect.restartFailed();
            connect.publish("c", 4 + start, 4 + start);
            for (List<SourceRecord> polled = connect.task().poll();
                    polled != null;
                    polled = connect.task().poll()) {
                polled.forEach(TaskHarness::take);
                if (payloads(polled).contains("2") && polled.get(0).topic().equals("iot")) {
                    assertThat(polled).as("alone on its way").hasSize(1);
                    break; // refused again
                }
                acknowledgeOnTask(polled);
                delivered.addAll(polled);
            }
        }

        assertThat(payloads(delivered)).startsWith("1", "2", "3", "4");
        assertThat(delivered.get(1).topic()).isEqualTo(DEAD);
        assertThat(delivered).filteredOn(record -> record.topic().equals(DEAD)).hasSize(1);
    }

    @Test
    void after_one_failure_nothing_is_a_dead_letter_as_somebody_may_have_stopped_worker_and_kafka() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 1);
        connect.poll(1).forEach(TaskHarness::take);

        connect.restartFailed();

        assertThat(connect.poll(1)).extracting(SourceRecord::topic).containsExactly("iot");
    }

    @Test
    void a_kafka_that_is_away_twice_makes_no_record_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 4);
        connect.poll(4).forEach(TaskHarness::take); // and the worker gives its tasks up

        connect.restartFailed();
        List<SourceRecord> first = connect.poll(1);
        first.forEach(TaskHarness::take);
        acknowledgeOnProducer(first);
        connect.poll(1).forEach(TaskHarness::take);
        for (int poll = 0; poll < 2; poll++) { // half a second each
            assertThat(connect.task().poll())
                    .as("while the second is on its way")
                    .isNull();
        }

        connect.restartFailed();

        assertThat(deliverAll()).extracting(SourceRecord::topic).containsExactly("iot", "iot", "iot");
    }

    @Test
    void a_kafka_that_goes_away_soon_after_each_of_two_starts_makes_no_record_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 1);
        for (int start = 0; start < 2; start++) {
            connect.poll(1).forEach(TaskHarness::take);
            for (int poll = 0; poll < 3; poll++) { // half a second each
                assertThat(connect.task().poll()).as("while it is on its way").isNull();
            }
            connect.restartFailed();
        }

        assertThat(connect.poll(1)).extracting(SourceRecord::topic).containsExactly("iot");
    }

    /** Kafka Connect has looked at the record, and asks Kafka for its topic. */
    @Test
    void a_kafka_that_goes_away_before_it_answers_at_all_after_two_starts_makes_no_record_a_dead_letter()
            throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 1);
        for (int start = 0; start < 2; start++) {
            connect.poll(1).forEach(TaskHarness::take);
            long takenNs = System.nanoTime();
            await().until(() ->
                    System.nanoTime() - takenNs > Duration.ofSeconds(3).toNanos());
            connect.restartFailed();
        }

        assertThat(connect.poll(1)).extracting(SourceRecord::topic).containsExactly("iot");
    }

    /** As when the cluster starts the next generation of tasks while this one still runs. */
    @Test
    void a_producer_of_transactions_that_is_fenced_makes_no_record_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 4);
        connect.poll(4).forEach(TaskHarness::take); // as one transaction, which fails

        connect.restartFailed();
        List<SourceRecord> first = connect.poll(1);
        first.forEach(TaskHarness::take);
        acknowledgeOnTask(first);
        connect.poll(1).forEach(TaskHarness::take); // and the producer is fenced

        connect.restartFailed();

        assertThat(deliverAll()).extracting(SourceRecord::topic).containsExactly("iot", "iot", "iot");
    }

    @Test
    void a_task_that_is_stopped_when_its_producer_fails_for_all_makes_no_record_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 4);
        connect.poll(4).forEach(TaskHarness::take); // and Kafka lets nobody in

        connect.restartFailed();
        List<SourceRecord> first = connect.poll(1);
        first.forEach(TaskHarness::take);
        acknowledgeOnProducer(first);
        connect.poll(1).forEach(TaskHarness::take);
        assertThat(connect.task().poll())
                .as("while the second is on its way, and Kafka lets nobody in again")
                .isNull();

        connect.restartFailed();

        assertThat(deliverAll()).extracting(SourceRecord::topic).containsExactly("iot", "iot", "iot");
    }

    /** Kafka Connect polls no more, and waits five seconds for what is on its way. */
    @Test
    void a_worker_that_is_stopped_together_with_kafka_makes_no_record_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 2);
        List<SourceRecord> records = connect.poll(2);
        records.forEach(TaskHarness::take);
        acknowledgeOnProducer(records.subList(0, 1));
        long takenNs = System.nanoTime();
        await().until(() -> System.nanoTime() - takenNs > Duration.ofSeconds(3).toNanos());

        connect.restartFailed();

        assertThat(deliverAll()).extracting(SourceRecord::topic).containsExactly("iot");
    }

    @Test
    void a_crash_speaks_against_no_record() throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish("c", 1, 1);
        for (int crash = 0; crash < 6; crash++) {
            connect.poll(1).forEach(TaskHarness::take);
            connect.startBesideTheOneBefore();
        }

        assertThat(connect.poll(1)).extracting(SourceRecord::topic).containsExactly("iot");
    }

    @Test
    void a_dead_letter_that_is_refused_too_is_reduced_to_its_origin_and_the_beginning_of_its_payload()
            throws Exception {
        connect = TaskHarness.with(Optional.of(folder)).start();
        connect.publish(MessageBuilder.to("t").payload("x".repeat(5_000)).build());
        for (int failure = 0; failure < 5; failure++) {
            connect.poll(1).forEach(TaskHarness::take);
            connect.restartFailed();
        }

        SourceRecord letter = connect.poll(1).get(0);

        assertThat(letter.topic()).isEqualTo(DEAD);
        assertThat((byte[]) letter.value()).hasSize(1_000);
        assertThat(letter.headers().lastWithName("sluice.error.payload.bytes").value())
                .isEqualTo("5000");
    }

    @Test
    void without_a_topic_for_dead_letters_the_task_fails_with_a_sentence_that_names_the_message() throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "dead.letter.topic", "").start();
        connect.publish("c", 1, 2);
        for (int failure = 0; failure < 2; failure++) {
            List<SourceRecord> records = connect.poll(1);
            records.stream().limit(1).forEach(TaskHarness::take);
            connect.restartFailed();
        }

        assertThatThrownBy(() -> connect.poll(1))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(
                        "position 0, published to t by client c, was mapped by route default, but its record")
                .hasMessageContaining("dead.letter.topic");
    }

    @Test
    void of_a_message_that_becomes_several_records_only_the_one_that_is_refused_is_a_dead_letter() throws Exception {
        connect = TaskHarness.with(Optional.of(folder), "routes", "x,y,z");
        for (String route : List.of("x", "y", "z")) {
            connect.configure("route." + route + ".topic.filters", "#")
                    .configure("route." + route + ".kafka.topic", route);
        }
        connect.start();
        connect.publish("c", 1, 1);
        List<SourceRecord> records = connect.poll(3);
        records.subList(0, 2).forEach(TaskHarness::take);
        acknowledgeOnProducer(records.subList(0, 1));
        connect.storeOffsets(records.subList(0, 1));

        connect.restartFailed();

        assertThat(deliverAll()).extracting(SourceRecord::topic).containsExactly(DEAD, "z");
    }

    @Test
    void with_tolerance_what_kafka_refuses_becomes_a_dead_letter_and_what_is_behind_it_is_not_sent_again()
            throws Exception {
        connect =
                TaskHarness.with(Optional.of(folder), "errors.tolerance", "all").start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        giveUpOnProducer(records.get(1));
        acknowledgeOnProducer(List.of(records.get(0), records.get(2)));
        assertThat(connect.heldBack()).isGreaterThanOrEqualTo(2);

        List<SourceRecord> letters = connect.poll(1);
        assertThat(payloads(letters)).containsExactly("2");
        assertThat(letters.get(0).topic()).isEqualTo(DEAD);
        assertThat(letters.get(0).sourceOffset())
                .as("the offset of the lane does not go back")
                .isEqualTo(records.get(2).sourceOffset());
        assertThat(error(letters.get(0))).contains("Kafka Connect gave it up");
        acknowledgeOnProducer(letters);
        assertThat(connect.heldBack()).isZero();
        assertThat(connect.pollAll()).isEmpty();
    }

    @Test
    void a_crash_before_the_dead_letter_is_in_kafka_loses_nothing_although_kafka_connect_counts_the_message_as_done()
            throws Exception {
        connect =
                TaskHarness.with(Optional.of(folder), "errors.tolerance", "all").start();
        connect.publish("c", 1, 3);
        List<SourceRecord> records = connect.poll(3);
        giveUpOnProducer(records.get(1));
        acknowledgeOnProducer(List.of(records.get(0), records.get(2)));
        connect.storeOffsets(records);

        connect.restartFailed();

        assertThat(payloads(connect.pollAll())).containsExactly("2", "3");
    }

    @Test
    void with_tolerance_and_no_topic_for_dead_letters_what_kafka_refuses_is_skipped_and_counted() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "errors.tolerance", "all", "dead.letter.topic", "")
                .start();
        connect.publish("c", 1, 1);
        giveUpOnProducer(connect.poll(1).get(0));

        assertThat(connect.pollAll()).isEmpty();
        assertThat(connect.heldBack()).isZero();
    }

    @Test
    void a_dead_letter_that_kafka_refuses_with_tolerance_is_skipped_and_holds_nothing_back() throws Exception {
        connect = TaskHarness.with(Optional.empty(), "errors.tolerance", "all").start();
        connect.publish("c", 1, 1);
        giveUpOnProducer(connect.poll(1).get(0));
        giveUpOnProducer(connect.poll(1).get(0));

        assertThat(connect.pollAll()).isEmpty();
        assertThat(connect.heldBack()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void of_several_that_a_transformation_fails_at_in_one_transaction_the_last_is_a_dead_letter_too(boolean heard)
            throws Exception {
        try (FailureCount failures = FailureCount.of("transformed")) {
            startTransformed();
            if (heard) {
                connect.publish("c", 0, 0);
                acknowledgeOnTask(take(connect.poll(1)));
                connect.task().commit();
            }
            connect.publish("c", 1, 3);
            List<SourceRecord> records = take(connect.poll(3));

            failures.add();
            failures.add();
            connect.task().commitRecord(records.get(0), null);
            acknowledgeOnTask(records.subList(1, 2));
            connect.task().commitRecord(records.get(2), null);
            connect.task().commit();

            assertThat(payloads(connect.poll(2))).containsExactly("1", "3");
        }
    }

    @Test
    void of_a_transaction_of_which_a_transformation_leaves_nothing_all_that_failed_are_dead_letters() throws Exception {
        try (FailureCount failures = FailureCount.of("transformed")) {
            startTransformed();
            connect.publish("c", 1, 2);
            take(connect.poll(2));

            failures.add();
            failures.add();
            connect.task().commit();

            assertThat(payloads(connect.poll(2))).containsExactly("1", "2");
        }
    }

    private void startTransformed() {
        connect = TaskHarness.with(
                        Optional.empty(),
                        "name",
                        "transformed",
                        "errors.tolerance",
                        "all",
                        "transforms",
                        "strict",
                        "transforms.strict.type",
                        "acme.Strict")
                .start();
    }

    private static List<SourceRecord> take(List<SourceRecord> records) {
        records.forEach(TaskHarness::take);
        return records;
    }

    private List<SourceRecord> deliverAll() throws InterruptedException {
        List<SourceRecord> delivered = new ArrayList<>();
        for (List<SourceRecord> polled = connect.task().poll();
                polled != null;
                polled = connect.task().poll()) {
            polled.forEach(TaskHarness::take);
            acknowledgeOnProducer(polled);
            delivered.addAll(polled);
        }
        return delivered;
    }

    /** As with exactly-once, after the transaction. */
    private void acknowledgeOnTask(List<SourceRecord> records) {
        connect.acknowledge(records);
    }

    private void acknowledgeOnProducer(List<SourceRecord> records) throws InterruptedException {
        onProducer(() -> connect.acknowledge(records));
    }

    private void giveUpOnProducer(SourceRecord record) throws InterruptedException {
        TaskHarness.take(record);
        onProducer(() -> connect.task().commitRecord(record, null));
    }

    private static void onProducer(Runnable action) throws InterruptedException {
        Thread producer = new Thread(action);
        producer.start();
        producer.join();
    }

    private static String error(SourceRecord letter) {
        return letter.headers().lastWithName("sluice.error.message").value().toString();
    }
}
