package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.release;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.log.LogFiles;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that is full, that fails, and that cannot be forced. */
@Timeout(60)
class FailingDiskTest {

    private final FaultyFolder storage = new FaultyFolder();

    private static BufferConfig config(Overflow overflow) {
        return new BufferConfig(Optional.empty(), 1 << 20, overflow, 4096, Duration.ZERO, Duration.ofDays(7));
    }

    private SharedBuffer open(Overflow overflow) {
        return SharedBuffer.open(config(overflow), storage);
    }

    private void failNextSegmentForces(int count) {
        AtomicInteger left = new AtomicInteger(count);
        storage.onForce(forcing -> {
            if (forcing.name().endsWith(".log") && left.getAndDecrement() > 0) {
                throw new IOException("Input/output error");
            }
        });
    }

    @Test
    void a_failed_force_fails_the_group_and_what_comes_next_is_safe_in_a_new_segment() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("safe")).awaitSafe();
            failNextSegmentForces(1);
            assertThatThrownBy(append(buffer, message("doomed"))::awaitSafe).hasRootCauseMessage("Input/output error");
            append(buffer, message("next")).awaitSafe();
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).containsExactly("safe", "next");
            assertThat(batch.messages()).extracting(StoredMessage::position).containsExactly(0L, 2L);
            assertThat(batch.gaps()).isEmpty();
            assertThat(buffer.stats().segments()).isEqualTo(2);
            assertThat(buffer.stats().dropped()).containsEntry(DropReason.FORCE_FAILED, 1L);
        }
    }

    @ParameterizedTest(name = "left on the disk: {0}")
    @ValueSource(booleans = {true, false})
    void what_a_failed_force_may_have_left_is_never_delivered(boolean left) throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, message("safe")).awaitSafe();
            failNextSegmentForces(1);
            assertThatThrownBy(append(buffer, message("doomed"))::awaitSafe).isNotNull();
            append(buffer, message("next")).awaitSafe();
        }
        try (SharedBuffer buffer = SharedBuffer.open(
                        config(Overflow.BLOCK), new FaultyFolder(left ? storage.current() : storage.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).containsExactly("safe", "next");
            assertThat(batch.gaps()).isEmpty();
        }
    }

    @Test
    void what_is_delivered_after_a_failed_force_and_a_kill_is_on_the_disk_and_not_only_in_the_page_cache()
            throws Exception {
        FaultyFolder next;
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, message("safe")).awaitSafe();
            failNextSegmentForces(1);
            assertThatThrownBy(append(buffer, message("doomed"))::awaitSafe).isNotNull();
            next = storage.afterKill();
        }
        List<StoredMessage> delivered;
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), next);
                Attachment consumer = attach(buffer, spec("c"))) {
            delivered = readNow(consumer).messages();
            assertThat(delivered).extracting(TestMessages::text).containsExactly("safe", "doomed");
        }
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(next.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(readNow(consumer).messages()).isEqualTo(delivered);
        }
    }

    @Test
    void a_segment_that_a_killed_process_had_just_begun_is_safe_before_a_checkpoint_counts_on_it() throws Exception {
        AtomicReference<FaultyFolder> killed = new AtomicReference<>();
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, message("safe")).awaitSafe();
            storage.onForce(forcing -> {
                if (forcing.name().equals(LogFiles.segment(2))) {
                    killed.compareAndSet(null, storage.afterKill());
                }
                if (forcing.name().endsWith(".log")) {
                    throw new IOException("Input/output error");
                }
            });
            assertThatThrownBy(append(buffer, message("doomed"))::awaitSafe).isNotNull();
            append(buffer, message("next"));
            await().until(() -> killed.get() != null);
        }
        List<Map<String, byte[]>> powerCuts = new ArrayList<>();
        FaultyFolder left = killed.get();
        left.afterEachStep(() -> powerCuts.add(left.safe()));
        SharedBuffer.open(config(Overflow.BLOCK), left).close();
        assertThat(powerCuts).hasSizeGreaterThan(5);
        for (int i = 0; i < powerCuts.size(); i++) {
            try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(powerCuts.get(i)));
                    Attachment consumer = attach(buffer, spec("c"))) {
                ReadBatch batch = readNow(consumer);
                assertThat(batch.gaps()).as("power cut after step %d", i).isEmpty();
                assertThat(batch.messages()).extracting(TestMessages::text).startsWith("safe");
            }
        }
    }

    @Test
    void a_checkpoint_whose_force_failed_does_not_cost_the_one_before_it_after_a_kill_and_a_power_cut()
            throws Exception {
        FaultyFolder next;
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c")).close();
            storage.onForce(forcing -> {
                if (forcing.name().startsWith("checkpoint")) {
                    throw new IOException("Input/output error");
                }
            });
            buffer.attach(spec("c")).close();
            next = storage.afterKill();
        }
        AtomicInteger forces = new AtomicInteger();
        List<FaultyFolder> left = new ArrayList<>();
        next.onForce(forcing -> {
            if (forcing.name().startsWith("checkpoint") && forces.incrementAndGet() == 2) {
                left.add(new FaultyFolder(torn(next, forcing.name())));
            }
        });
        SharedBuffer.open(config(Overflow.BLOCK), next).close();
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), left.get(0))) {
            assertThat(buffer.stats().consumers())
                    .extracting(ConsumerStats::name)
                    .containsExactly("c");
        }
    }

    /** What is left if the power goes while a file is written that was not forced yet. */
    private static Map<String, byte[]> torn(FaultyFolder folder, String name) {
        Map<String, byte[]> left = folder.safe();
        Arrays.fill(left.getOrDefault(name, new byte[0]), (byte) 0);
        return left;
    }

    @Test
    void a_disk_that_cannot_even_begin_a_new_segment_is_tried_until_it_can() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            failNextSegmentForces(3);
            assertThatThrownBy(append(buffer, message("doomed"))::awaitSafe).isNotNull();
            append(buffer, message("next")).awaitSafe();
            assertThat(read(consumer, 1)).extracting(TestMessages::text).containsExactly("next");
        }
    }

    @Test
    void what_is_acknowledged_after_a_segment_could_not_be_begun_is_there_after_a_kill() throws Exception {
        FaultyFolder next;
        try (SharedBuffer buffer = open(Overflow.REJECT);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("delivered")).awaitSafe();
            AtomicInteger failures = new AtomicInteger();
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")
                        && !forcing.disk().containsKey(forcing.name())
                        && failures.incrementAndGet() <= 3) {
                    throw new IOException("Input/output error");
                }
            });
            consumer.acknowledge(LanePositions.all(0));
            Admission tooLong =
                    buffer.append(List.of(message("d", "t", new byte[(1 << 20) - 200])), AppendListener.NONE);
            assertThat(tooLong.rest()).isEqualTo(Admission.Rest.REJECT);
            await().until(() -> failures.get() > 0);
            append(buffer, message("acknowledged")).awaitSafe();
            next = storage.afterKill();
        }
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.REJECT), next);
                Attachment consumer = attach(buffer, spec("c"))) {
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).endsWith("acknowledged");
            assertThat(batch.gaps()).isEmpty();
        }
    }

    @Test
    void on_a_full_disk_nothing_is_acknowledged_and_all_goes_on_in_order_when_there_is_free_space() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("first")).awaitSafe();
            storage.setFreeBytes(30);
            Outcome waiting = append(buffer, message("second"));
            await().until(() -> buffer.stats().stalled());
            assertThat(buffer.append(List.of(message("third")), AppendListener.NONE))
                    .isEqualTo(new Admission(0, Admission.Rest.WAIT, 0));
            AtomicBoolean space = new AtomicBoolean();
            buffer.whenFree(() -> space.set(true));
            await().during(Duration.ofMillis(300)).until(() -> !waiting.isKnown() && !space.get());
            storage.setFreeBytes(1 << 20);
            waiting.awaitSafe();
            await().untilTrue(space);
            append(buffer, message("third")).awaitSafe();
            assertThat(readNow(consumer).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("first", "second", "third");
        }
    }

    @Test
    void a_full_disk_that_stays_full_fails_what_waits_when_the_buffer_is_closed() throws Exception {
        Outcome waiting;
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, message("first")).awaitSafe();
            storage.setFreeBytes(30);
            waiting = append(buffer, message("second"));
            await().until(() -> buffer.stats().stalled());
        }
        assertThatThrownBy(waiting::awaitSafe).isNotNull();
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(storage.current()));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(readNow(consumer).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("first");
        }
    }

    @Test
    void behind_a_group_that_could_not_be_written_nothing_is_written_when_the_buffer_is_closed() throws Exception {
        CompletableFuture<Void> first = new CompletableFuture<>();
        Outcome second;
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, message("safe")).awaitSafe();
            storage.failWritesTo(name -> name.endsWith(".log"));
            buffer.append(List.of(message("first")), new AppendListener() {
                @Override
                public void safe() {}

                @Override
                public void failed(BufferException cause) {
                    storage.failWritesTo(name -> false);
                    first.completeExceptionally(cause);
                }
            });
            await().until(() -> buffer.stats().stalled());
            second = release(buffer, "device", 7);
        }
        assertThat(first).isCompletedExceptionally();
        assertThatThrownBy(second::awaitSafe).isNotNull();
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(storage.current()));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("third")).awaitSafe();
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).containsExactly("safe", "third");
            assertThat(batch.gaps()).isEmpty();
        }
    }

    @Test
    void a_full_disk_is_opened_and_drained_and_takes_messages_again() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            TestMessages.appendAll(buffer, numbered(200));
        }
        FaultyFolder full = new FaultyFolder(storage.safe());
        full.setFreeBytes(0);
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), full);
                Attachment consumer = attach(buffer, spec("c"))) {
            Outcome waiting = append(buffer, message("last"));
            assertThat(read(consumer, 200)).hasSize(200);
            assertThat(waiting.isKnown()).isFalse();
            consumer.acknowledge(LanePositions.all(199));
            waiting.awaitSafe();
            assertThat(read(consumer, 1)).extracting(TestMessages::text).containsExactly("last");
        }
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(full.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(readNow(consumer).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("last");
        }
    }

    @Test
    void a_full_disk_can_be_opened_as_often_as_one_likes_and_loses_nothing() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, TestMessages.qos2("device", 7, "kept")).awaitSafe();
        }
        FaultyFolder full = new FaultyFolder(storage.safe());
        full.setFreeBytes(0);
        for (int i = 0; i < 3; i++) {
            SharedBuffer.open(config(Overflow.BLOCK), full).close();
        }
        full.setFreeBytes(1 << 20);
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), full);
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(TestMessages.unreleased(buffer)).containsOnlyKeys("device");
            append(buffer, message("next")).awaitSafe();
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).containsExactly("kept", "next");
            assertThat(batch.gaps()).isEmpty();
        }
    }

    @Test
    void a_sync_that_fails_behind_a_full_segment_tells_how_much_of_an_append_is_in_the_buffer() throws Exception {
        AtomicInteger inBuffer = new AtomicInteger(-1);
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")
                        && buffer.stats().segments() > 1
                        && forcing.current().length > 1_500) {
                    throw new IOException("Input/output error");
                }
            });
            List<Message> publishes = IntStream.rangeClosed(1, 3)
                    .mapToObj(id -> TestMessages.qos2("device", id, id + "x".repeat(1_800)))
                    .toList();

            buffer.append(publishes, new AppendListener() {
                @Override
                public void safe() {}

                @Override
                public void failed(BufferException cause) {}

                @Override
                public void failed(BufferException cause, int messages) {
                    inBuffer.set(messages);
                }
            });

            await().untilAtomic(inBuffer, Matchers.greaterThan(0));
            assertThat(read(consumer, inBuffer.get()))
                    .extracting(stored -> stored.message().packetId())
                    .isEqualTo(IntStream.rangeClosed(1, inBuffer.get()).boxed().toList());
            assertThat(inBuffer.get()).isLessThan(publishes.size());
        }
    }

    @Test
    void a_ledger_that_a_full_disk_has_cut_short_costs_no_identifier_when_the_one_before_it_was_drained()
            throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("c"));
            append(buffer, TestMessages.qos2("device", 7, "kept")).awaitSafe();
        }
        FaultyFolder again = new FaultyFolder(storage.safe());
        SharedBuffer.open(config(Overflow.BLOCK), again).close();
        FaultyFolder full = new FaultyFolder(again.safe());
        String last = full.current().keySet().stream()
                .filter(name -> name.endsWith(".log"))
                .max(String::compareTo)
                .orElseThrow();
        int whole = full.current().get(last).length;
        full.afterEachStep(() -> {
            byte[] now = full.current().get(last);
            if (now == null || now.length < whole) {
                full.setFreeBytes(0); // another process has taken what became free
            }
        });
        FaultyFolder killed;
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), full);
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(TestMessages.read(consumer, 1))
                    .extracting(TestMessages::text)
                    .containsExactly("kept");
            consumer.acknowledge(LanePositions.all(0));
            await().during(Duration.ofSeconds(2)).until(() -> {
                Map<String, byte[]> files = full.current();
                return files.containsKey("0000000000000000000.log") || files.get(last).length >= whole;
            });
            killed = full.afterKill();
        }
        try (SharedBuffer buffer = SharedBuffer.open(config(Overflow.BLOCK), killed)) {
            assertThat(TestMessages.unreleased(buffer)).containsOnlyKeys("device");
        }
    }

    @Test
    void a_full_disk_that_has_no_space_for_a_checkpoint_and_all_its_changes_takes_them_as_one() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            int small = largestCheckpoint();
            List<Attachment> consumers = new ArrayList<>();
            while (largestCheckpoint() == small) {
                consumers.add(attach(buffer, spec("consumer-" + consumers.size())));
            }
            storage.setFreeBytes(0); // one file is larger than the other from now on
            for (int change = 1; change <= 80; change++) {
                consumers.get(change % consumers.size()).doubt(new Doubt(change, -1, 0, 0, Lanes.NONE));
            }
            for (int change = 81; change <= 82; change++) {
                int which = change % consumers.size();
                consumers.get(which).doubt(new Doubt(change, -1, 0, 0, Lanes.NONE));
                FaultyFolder full = new FaultyFolder(storage.safe());
                full.setFreeBytes(0);
                try (SharedBuffer next = SharedBuffer.open(config(Overflow.BLOCK), full);
                        Attachment again = attach(next, spec("consumer-" + which))) {
                    assertThat(again.doubt().until()).isEqualTo(change);
                    assertThat(next.stats().consumers()).hasSameSizeAs(consumers);
                }
            }
        }
    }

    private int largestCheckpoint() {
        return storage.current().entrySet().stream()
                .filter(file -> file.getKey().startsWith("checkpoint."))
                .mapToInt(file -> file.getValue().length)
                .max()
                .orElseThrow();
    }

    @Test
    void a_consumer_that_cannot_be_remembered_is_refused_and_one_that_is_known_attaches() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("known")).close();
            storage.failWritesTo(name -> name.startsWith("checkpoint"));
            assertThatThrownBy(() -> buffer.attach(spec("new")))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("cannot remember the new consumer 'new'");
            assertThat(buffer.stats().consumers())
                    .extracting(ConsumerStats::name)
                    .containsExactly("known");
            try (Attachment consumer = attach(buffer, spec("known"))) {
                append(buffer, message("m")).awaitSafe();
                assertThat(read(consumer, 1)).hasSize(1);
            }
            storage.failWritesTo(name -> false);
            buffer.attach(spec("new")).close();
        }
    }

    @Test
    void of_tasks_that_attach_at_the_same_time_none_attaches_if_their_consumer_cannot_be_remembered() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            CompletableFuture<Attachment> attached = new CompletableFuture<>();
            Thread second = new Thread(() -> {
                try {
                    attached.complete(buffer.attach(spec("new")));
                } catch (BufferException e) {
                    attached.completeExceptionally(e);
                }
            });
            AtomicBoolean first = new AtomicBoolean(true);
            storage.failWritesTo(name -> {
                if (first.getAndSet(false)) {
                    second.start();
                    await().pollInSameThread().until(() -> second.getState() == Thread.State.BLOCKED);
                }
                return name.startsWith("checkpoint");
            });
            assertThatThrownBy(() -> buffer.attach(spec("new"))).hasMessageContaining("cannot remember");
            assertThatThrownBy(() -> attached.get(20, TimeUnit.SECONDS)).hasMessageContaining("cannot remember");
            assertThat(buffer.stats().consumers()).isEmpty();
        }
    }

    @Test
    void an_attachment_that_fails_for_lack_of_memory_leaves_nobody_attached() {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            buffer.attach(spec("known")).close();
            Attachment cutOff = buffer.attach(spec("known"));
            cutOff.close();
            storage.failWritesTo(name -> {
                throw new OutOfMemoryError("in this test");
            });
            assertThatThrownBy(() -> buffer.attach(spec("new"))).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> buffer.attach(spec("known"))).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> buffer.resume(spec("known"), cutOff.run())).isInstanceOf(OutOfMemoryError.class);
            storage.failWritesTo(name -> false);
            assertThat(buffer.stats().consumers())
                    .extracting(ConsumerStats::name, ConsumerStats::attached)
                    .containsExactly(tuple("known", false));
        }
    }

    @Test
    void consumers_that_attach_at_the_same_time_share_checkpoints() throws Exception {
        int consumers = 10;
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            AtomicInteger checkpoints = new AtomicInteger();
            storage.onForce(forcing -> {
                if (forcing.name().startsWith("checkpoint")) {
                    checkpoints.incrementAndGet();
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            });
            ExecutorService threads = Executors.newFixedThreadPool(consumers * Lanes.COUNT);
            try {
                List<CompletableFuture<Attachment>> attached = new ArrayList<>();
                for (int i = 0; i < consumers * Lanes.COUNT; i++) {
                    AttachRequest spec = new AttachRequest(
                            "c" + i % consumers,
                            List.of(TopicFilter.of("#")),
                            AckMode.BUFFERED,
                            Lanes.NONE.with(i / consumers));
                    attached.add(CompletableFuture.supplyAsync(() -> buffer.attach(spec), threads));
                }
                attached.forEach(one -> one.orTimeout(20, TimeUnit.SECONDS).join());
            } finally {
                threads.shutdown();
            }
            assertThat(checkpoints).hasValueLessThan(consumers * Lanes.COUNT / 5);
        }
    }

    @Test
    void a_full_disk_is_answered_as_the_overflow_policy_says() {
        for (Overflow overflow : List.of(Overflow.REJECT, Overflow.DROP_NEWEST)) {
            FaultyFolder disk = new FaultyFolder();
            try (SharedBuffer buffer = SharedBuffer.open(config(overflow), disk)) {
                buffer.attach(spec("c"));
                disk.failWritesTo(name -> name.endsWith(".log"));
                Outcome waiting = append(buffer, message("kept"));
                await().until(() -> buffer.stats().stalled());
                Admission admission = buffer.append(numbered(3), AppendListener.NONE);
                assertThat(admission.accepted()).isZero();
                assertThat(admission.rest())
                        .isEqualTo(overflow == Overflow.REJECT ? Admission.Rest.REJECT : Admission.Rest.DROP);
                if (overflow == Overflow.DROP_NEWEST) {
                    assertThat(buffer.stats().dropped()).containsEntry(DropReason.DISK, 3L);
                }
                disk.failWritesTo(name -> false);
                waiting.awaitSafe();
            }
        }
    }

    @Test
    void a_full_disk_with_drop_oldest_frees_space_by_itself() throws Exception {
        try (SharedBuffer buffer = open(Overflow.DROP_OLDEST);
                Attachment consumer = attach(buffer, spec("c"))) {
            TestMessages.appendAll(buffer, numbered(200));
            await().until(() -> buffer.stats().end() == 200);
            storage.setFreeBytes(100);
            append(buffer, message("big", "t", new byte[3000])).awaitSafe();
            ReadBatch batch = readNow(consumer);
            assertThat(batch.gaps()).hasSize(1);
            assertThat(batch.gaps().get(0).from()).isZero();
            assertThat(batch.messages())
                    .last()
                    .extracting(StoredMessage::position)
                    .isEqualTo(200L);
            assertThat(buffer.stats().dropped())
                    .containsEntry(DropReason.OLDEST, batch.gaps().get(0).count());
        }
    }

    @Test
    void a_segment_that_can_no_longer_be_read_fails_the_read_and_loses_nothing_that_was_read_before() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            TestMessages.appendAll(buffer, numbered(200));
            await().until(() -> buffer.stats().end() == 200);
            storage.failReadsFrom(name -> name.endsWith(".log") && !name.equals(LogFiles.segment(0)));
            List<StoredMessage> first = readNow(consumer).messages();
            assertThat(first).hasSizeBetween(50, 150);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> read(consumer, 1))
                        .isInstanceOf(BufferException.class)
                        .hasMessageContaining("cannot be read at position " + first.size())
                        .hasMessageContaining("Input/output error");
            }
            storage.failReadsFrom(name -> false);
            List<StoredMessage> rest = readNow(consumer).messages();
            assertThat(rest.get(0).position()).isEqualTo(first.size());
            assertThat(first.size() + rest.size()).isEqualTo(200);
        }
    }

    @Test
    void a_segment_that_cannot_be_read_for_a_moment_is_read_again() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("m")).awaitSafe();
            AtomicInteger failing = new AtomicInteger(5);
            storage.failReadsFrom(name -> name.endsWith(".log") && failing.getAndDecrement() > 0);
            assertThat(read(consumer, 1)).extracting(TestMessages::text).containsExactly("m");
        }
    }

    @Test
    void what_is_in_doubt_counts_as_kept_once_a_power_cut_would_leave_it() throws Exception {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (SharedBuffer buffer = open(Overflow.BLOCK);
                Attachment consumer = attach(buffer, spec("c"))) {
            storage.failWritesTo(name -> name.startsWith("checkpoint"));
            consumer.doubt(new Doubt(9, -1, 0, 0, Lanes.NONE));
            assertThat(consumer.isDoubtKept()).isFalse();
            storage.failWritesTo(name -> false);
            consumer.doubt(left);
            assertThat(consumer.isDoubtKept()).isTrue();
            try (SharedBuffer afterwards =
                    SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(storage.safe()))) {
                assertThat(afterwards.attach(spec("c")).doubt()).isEqualTo(left);
            }
        }
    }

    @Test
    void a_checkpoint_that_cannot_be_written_stops_nothing_and_is_written_later() throws Exception {
        try (SharedBuffer buffer = open(Overflow.BLOCK)) {
            Attachment consumer = attach(buffer, spec("c"));
            storage.failWritesTo(name -> name.startsWith("checkpoint"));
            append(buffer, message("m")).awaitSafe();
            consumer.acknowledge(LanePositions.all(0));
            await().during(Duration.ofMillis(1_500)).until(() -> !buffer.stats().stalled());
            storage.failWritesTo(name -> false);
            await().until(() -> {
                try (SharedBuffer copy = SharedBuffer.open(config(Overflow.BLOCK), new FaultyFolder(storage.safe()))) {
                    return copy.attach(spec("c")).acknowledged().equals(LanePositions.all(0));
                }
            });
        }
    }
}
