package io.sluice.connect;

import static io.sluice.connect.TaskHarness.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drains;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task that drains several buffers, some of which it cannot attach to yet. */
class SeveralBuffersTest {

    private final List<SharedBuffer> buffers = List.of(memory(), memory(), memory());
    private final TaskHarness connect = TaskHarness.with(Optional.empty(), "poll.max.records", "2");
    private Drains drains;
    private SourceConfig config;
    private boolean left;
    private MqttSourceTask task;

    @BeforeEach
    void startTask() {
        task = connect.newTask((wanted, into) -> {
            config = wanted;
            drains = into;
            return () -> left = true;
        });
        task.start(connect.properties());
    }

    @AfterEach
    void stop() {
        task.stop();
        buffers.forEach(SharedBuffer::close);
        connect.close();
    }

    @Test
    void a_buffer_that_is_attached_to_later_is_drained_from_then_on() throws Exception {
        assertThat(task.poll()).isNull();

        attach(0);
        publish(0, "1");

        assertThat(payloads(poll(1))).containsExactly("1");
    }

    @Test
    void a_poll_that_waits_returns_as_soon_as_any_of_them_has_something() throws Exception {
        attach(0);
        attach(1);
        attach(2);
        CompletableFuture<List<SourceRecord>> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return poll(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        publish(2, "1");

        assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
        assertThat(payloads(waiting.join())).containsExactly("1");
    }

    @Test
    void one_that_always_has_something_does_not_hold_up_the_others() throws Exception {
        attach(0);
        attach(1);
        for (int i = 0; i < 100; i++) {
            publish(0, "busy " + i);
        }
        publish(1, "quiet");

        assertThat(payloads(poll(5))).contains("quiet");
    }

    @Test
    void an_acknowledgement_goes_to_the_buffer_that_the_record_is_from() throws Exception {
        attach(0);
        attach(1);
        publish(0, "1");
        publish(1, "2");
        List<SourceRecord> records = poll(2);

        records.stream()
                .filter(record -> record.sourcePartition()
                        .get("buffer")
                        .equals(buffers.get(1).id()))
                .forEach(record -> task.commitRecord(record, TaskHarness.SENT));

        await().untilAsserted(() -> assertThat(heldBack(1)).isZero());
        assertThat(heldBack(0)).isEqualTo(1);
    }

    @Test
    void what_a_transformation_fails_at_in_transactions_becomes_a_dead_letter_whichever_of_them_it_is_from()
            throws Exception {
        try (FailureCount failures = FailureCount.of("several-transformed")) {
            startTransformed();
            publish(0, "1");
            publish(1, "2");

            failInTransaction(poll(1), failures);
            failInTransaction(poll(1), failures);

            List<SourceRecord> letters = poll(2);
            assertThat(payloads(letters)).containsExactlyInAnyOrder("1", "2");
            assertThat(letters).extracting(SourceRecord::topic).containsOnly("mqtt.dead.letters");
        }
    }

    @Test
    void
            a_message_that_waits_for_its_dead_letter_stays_in_its_buffer_although_kafka_connect_says_again_that_it_is_dropped()
                    throws Exception {
        try (FailureCount failures = FailureCount.of("several-transformed")) {
            startTransformed();
            publish(0, "1");
            List<SourceRecord> failed = poll(1);
            failInTransaction(failed, failures);
            publish(1, "2");
            List<SourceRecord> sent = poll(1);

            failed.forEach(record -> task.commitRecord(record, null));
            sent.forEach(record -> task.commitRecord(record, TaskHarness.SENT));
            task.commit();

            assertThat(payloads(sent)).containsExactly("2");
            assertThat(heldBack(0)).isEqualTo(1);
            List<SourceRecord> letters = poll(1);
            assertThat(payloads(letters)).containsExactly("1");
            letters.forEach(record -> task.commitRecord(record, TaskHarness.SENT));
            task.commit();
            assertThat(heldBack(0)).isZero();
        }
    }

    private void startTransformed() {
        task.stop();
        connect.configure("name", "several-transformed")
                .configure("errors.tolerance", "all")
                .configure("transforms", "strict")
                .configure("transforms.strict.type", "acme.Strict");
        startTask();
        attach(0);
        attach(1);
    }

    /** Kafka Connect says nothing of a batch of which nothing is left. */
    private void failInTransaction(List<SourceRecord> records, FailureCount failures) {
        records.forEach(record -> {
            TaskHarness.take(record);
            failures.add();
        });
        task.commit();
    }

    @Test
    void a_record_is_not_blamed_at_once_for_an_end_that_comes_after_a_poll_of_another_one() throws Exception {
        attach(0);
        attach(1);
        publish(1, "0");
        arrive(poll(1));
        publish(1, "1");
        poll(1).forEach(TaskHarness::take);
        publish(0, "2");
        poll(1).forEach(TaskHarness::take);

        task.stop();
        startTask();
        attach(0);
        attach(1);

        assertThat(poll(2)).extracting(SourceRecord::topic).containsExactly("iot", "iot");
    }

    /** Kafka acknowledges records, as without transactions on a thread of the producer. */
    private void arrive(List<SourceRecord> records) {
        records.forEach(TaskHarness::take);
        CompletableFuture.runAsync(() -> records.forEach(record -> task.commitRecord(record, TaskHarness.SENT)))
                .join();
    }

    @Test
    void one_that_can_never_be_attached_to_fails_the_task_with_its_reason() {
        attach(0);
        drains.fail(new BufferException("the token is wrong"));

        assertThatThrownBy(() -> task.poll())
                .isInstanceOf(ConnectException.class)
                .hasMessage("the token is wrong");
    }

    @Test
    void one_that_is_attached_to_after_the_end_is_let_go_again() {
        task.stop();

        attach(0);

        assertThat(left).isTrue();
        assertThat(buffers.get(0).stats().consumers())
                .singleElement()
                .satisfies(consumer -> assertThat(consumer.attached()).isFalse());
    }

    /** As a log does that is set up to do so when its disk is full. */
    @Test
    void all_of_them_are_let_go_of_by_a_task_whose_log_throws_at_the_first() throws Exception {
        attach(0);
        attach(1);
        task.poll();
        attach(2);
        publish(0, "1");
        publish(1, "2");
        AbstractAppender failing = new AbstractAppender("failing", null, null, false, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                throw new IllegalStateException("no space left on device");
            }
        };
        failing.start();
        Logger logger = (Logger) LogManager.getLogger(Drains.class.getPackageName());
        logger.addAppender(failing);
        try {
            assertThatThrownBy(() -> task.stop()).hasRootCauseMessage("no space left on device");
        } finally {
            logger.removeAppender(failing);
        }

        assertThat(buffers)
                .allSatisfy(buffer -> assertThat(buffer.stats().consumers())
                        .singleElement()
                        .satisfies(consumer -> assertThat(consumer.attached()).isFalse()));
    }

    @Test
    void two_that_have_the_same_id_are_refused_with_both_and_the_remedy_also_when_the_second_comes_later(
            @TempDir Path folder) throws Exception {
        Path original = folder.resolve("original");
        try (SharedBuffer first = onDisk(original)) {
            drains.add(first.attach(config.consumer(Lanes.ALL)), "ssl://a:8884");
            task.poll();
        }
        Path copy = folder.resolve("copy");
        Files.createDirectory(copy);
        try (Stream<Path> files = Files.list(original)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (SharedBuffer second = onDisk(copy)) {
            drains.add(second.attach(config.consumer(Lanes.ALL)), "ssl://b:8884");

            assertThatThrownBy(() -> poll(1))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageStartingWith("ssl://a:8884 and ssl://b:8884 serve the same buffer, " + second.id())
                    .hasMessageContaining("Leave one of them out of buffer.endpoints");
        }
    }

    private static SharedBuffer onDisk(Path folder) {
        return SharedBuffer.open(new BufferConfig(
                Optional.of(folder), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ofHours(1), Duration.ZERO));
    }

    private void attach(int buffer) {
        drains.add(buffers.get(buffer).attach(config.consumer(Lanes.ALL)), "broker " + buffer);
    }

    private void publish(int buffer, String payload) {
        TaskHarness.publish(
                buffers.get(buffer), MessageBuilder.to("t").payload(payload).build());
    }

    private List<SourceRecord> poll(int atLeast) throws InterruptedException {
        List<SourceRecord> records = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (records.size() < atLeast && System.nanoTime() - deadline < 0) {
            List<SourceRecord> polled = task.poll();
            if (polled != null) {
                records.addAll(polled);
            }
        }
        return records;
    }

    private long heldBack(int buffer) {
        return buffers.get(buffer).stats().end()
                - buffers.get(buffer).stats().consumers().get(0).floor();
    }

    private static SharedBuffer memory() {
        return SharedBuffer.open(new BufferConfig(
                Optional.empty(), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ofHours(1), Duration.ZERO));
    }
}
