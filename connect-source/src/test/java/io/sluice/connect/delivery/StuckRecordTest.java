package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.Events;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.SafeAppend;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.route.PartitionCounts;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A record that Kafka never acknowledges, while it acknowledges all others. */
class StuckRecordTest {

    private static final int MOST_KEPT = 100;
    private static final int PER_POLL = 10;

    private final SourceConfig config =
            SourceConfig.of(Map.of("name", "stuck", "buffer.storage", "memory", "kafka.topic", "iot"));
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO));
    private final Drains drains = drains();

    @AfterEach
    void close() {
        drains.close();
        buffer.close();
    }

    @Test
    void only_so_much_is_read_behind_such_records_and_as_soon_as_one_of_them_is_settled_reading_goes_on()
            throws Exception {
        drains.add(buffer.attach(config.consumer(Lanes.ALL)), "the test");
        publish(400);
        List<SourceRecord> first = poll();
        List<SourceRecord> stuck = first.subList(0, 2);
        settle(first.subList(2, PER_POLL));
        int handedOver = PER_POLL + settleAllThatComes();
        assertThat(handedOver).isBetween(MOST_KEPT, MOST_KEPT + 2 * PER_POLL);
        assertThat(drains.stats().kafkaSilenceMs()).isPositive();

        Thread polling = Thread.currentThread();
        CompletableFuture<Void> settling = CompletableFuture.runAsync(() -> {
            await().until(() -> polling.getState() == Thread.State.TIMED_WAITING);
            drains.settled(stuck.get(0), true);
        });
        List<SourceRecord> next = drains.poll();
        settling.join();
        assertThat(next).as("of the poll that was waiting meanwhile").hasSize(PER_POLL);
        settle(next);
        handedOver += PER_POLL + settleAllThatComes();
        // Half of them are of the client whose record is still stuck.
        assertThat(handedOver).isBetween(2 * MOST_KEPT, 2 * MOST_KEPT + 2 * PER_POLL);

        settle(stuck.subList(1, 2));
        assertThat(handedOver + settleAllThatComes()).isEqualTo(400);
    }

    @Test
    void in_transactions_all_is_read_since_they_settle_what_they_have_at_once() throws Exception {
        drains.add(buffer.attach(config.consumer(Lanes.ALL)), "the test");
        publish(400);
        drains.settled(poll().get(PER_POLL - 1), true);
        int handedOver = PER_POLL;
        for (List<SourceRecord> records = poll(); !records.isEmpty(); records = poll()) {
            handedOver += records.size();
            records.forEach(record -> drains.settled(record, false));
        }
        assertThat(handedOver).isEqualTo(400);
    }

    @Test
    void that_reading_has_stopped_is_told_also_if_it_was_told_before_that_one_record_is_stuck() throws Exception {
        Delivery stuck = new Delivery(0, 0, 0, 0);
        stuck.take("iot");
        AtomicReference<Optional<Silence>> silence =
                new AtomicReference<>(Optional.of(forMinutes(Silence.ofOne(stuck))));
        SilenceWatch watch = new SilenceWatch("stuck-told", TaskEvents.of("stuck-told", 0), silence::get);
        try {
            await().until(() -> Events.of("stuck-told").size() == 1);
            silence.set(Optional.of(forMinutes(Silence.ofReading(stuck))));
            await().until(() -> Events.of("stuck-told").size() == 2);
            silence.set(Optional.of(forMinutes(Silence.ofOne(stuck))));
            await().during(Duration.ofMillis(1_500))
                    .until(() -> Events.of("stuck-told").size() == 2);
            silence.set(Optional.empty());
            await().until(() -> Events.of("stuck-told").size() == 3);
        } finally {
            watch.close();
        }
        assertThat(Events.of("stuck-told")).containsExactly("kafka.silent", "kafka.silent", "kafka.answers");
        assertThat(Events.lines("stuck-told").get(1)).contains("the task reads no more until then");
    }

    @Test
    void the_tasks_of_a_process_share_an_eighth_of_its_heap_and_each_has_enough_for_partitions_of_different_speed() {
        assertThat(KeptLimit.perTask(2_400_000_000L, 1)).isEqualTo(500_000);
        assertThat(KeptLimit.perTask(2_400_000_000L, 4)).isEqualTo(125_000);
        assertThat(KeptLimit.perTask(2_400_000_000L, 10)).isEqualTo(100_000);
    }

    private static Silence forMinutes(Silence silence) {
        return new Silence(Duration.ofMinutes(2).toMillis(), silence.topic(), silence.reason(), silence.extent());
    }

    /** What Kafka Connect does with the records of a poll: it looks at each. */
    private List<SourceRecord> poll() throws InterruptedException {
        List<SourceRecord> records = drains.poll();
        records.forEach(record -> Objects.requireNonNull(record.topic()));
        return records;
    }

    /** Returns how many records came. */
    private int settleAllThatComes() throws InterruptedException {
        int came = 0;
        for (List<SourceRecord> records = poll(); !records.isEmpty(); records = poll()) {
            came += records.size();
            settle(records);
        }
        return came;
    }

    /** On another thread than that which polls, as the producer's without transactions. */
    private void settle(List<SourceRecord> records) {
        CompletableFuture.runAsync(() -> records.forEach(record -> drains.settled(record, true)))
                .join();
    }

    /** From two clients in turn. */
    private void publish(int messages) {
        List<Message> all = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            all.add(MessageBuilder.to("t").from("client-" + i % 2).build());
        }
        SafeAppend.of(buffer, all);
    }

    private Drains drains() {
        TaskEvents events = TaskEvents.of("stuck", 0);
        LossLog losses = new LossLog("stuck", config.errorLog(), events);
        return new Drains(
                new NoOffsets(),
                config.routes(PartitionCounts.UNKNOWN),
                new BatchLimits(PER_POLL, 1 << 20),
                new DeadLetterPolicy(config.deadLetters(), config.connectionsTopic(), config.tolerance(), losses),
                new GivenUp(config.tolerance(), config.isTransformed(), "stuck", 0),
                losses,
                events,
                () -> MOST_KEPT);
    }

    /** Kafka Connect holds no offset yet. */
    private static final class NoOffsets implements OffsetStorageReader {

        @Override
        public <T> Map<String, Object> offset(Map<String, T> partition) {
            return Map.of();
        }

        @Override
        public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
            return new HashMap<>();
        }
    }
}
