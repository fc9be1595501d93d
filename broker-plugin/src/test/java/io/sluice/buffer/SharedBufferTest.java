package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a shared buffer promises, on a disk and in memory. */
@Timeout(60)
class SharedBufferTest {

    enum Kept {
        ON_DISK,
        IN_MEMORY
    }

    @TempDir
    Path folder;

    private BufferConfig config(Kept kept, Overflow overflow, long maxBytes, int segmentBytes) {
        return new BufferConfig(
                kept == Kept.ON_DISK ? Optional.of(folder.resolve("buffer")) : Optional.empty(),
                maxBytes,
                overflow,
                segmentBytes,
                Duration.ZERO,
                Duration.ofDays(7));
    }

    private BufferConfig config(Kept kept) {
        return config(kept, Overflow.BLOCK, 1 << 20, 4096);
    }

    private BufferConfig onDisk() {
        return config(Kept.ON_DISK);
    }

    @ParameterizedTest
    @EnumSource
    void messages_are_read_in_the_order_they_were_appended_with_rising_positions(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config(kept));
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 500; i++) {
                append(buffer, message("m" + i));
            }
            List<StoredMessage> messages = read(consumer, 500);
            assertThat(messages).hasSize(500);
            for (int i = 0; i < 500; i++) {
                assertThat(messages.get(i).position()).isEqualTo(i);
                assertThat(TestMessages.text(messages.get(i))).isEqualTo("m" + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everything_that_is_known_of_a_message_comes_back(Kept kept) throws Exception {
        Message full = new Message(
                MessageKind.WILL,
                "gerät-1",
                Optional.of(""),
                "温度/室内",
                Qos.EXACTLY_ONCE,
                true,
                true,
                65_535,
                123,
                new PublishProperties(
                        true,
                        OptionalLong.of(4_294_967_295L),
                        Optional.of("text/plain"),
                        Optional.of("answer/here"),
                        Optional.of(ByteBuffer.wrap(new byte[] {1, 2, 3})),
                        List.of(new UserProperty("a", "1"), new UserProperty("a", ""), new UserProperty("", "ü"))),
                ByteBuffer.wrap("payload".getBytes(StandardCharsets.UTF_8)));
        try (SharedBuffer buffer = SharedBuffer.open(config(kept));
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            append(buffer, full);
            StoredMessage stored = read(consumer, 1).get(0);
            assertThat(stored.message()).isEqualTo(full);
            assertThat(stored.lane()).isEqualTo(Lanes.of("gerät-1"));
        }
    }

    @Test
    void a_direct_payload_is_copied_before_append_returns() throws Exception {
        ByteBuffer payload =
                ByteBuffer.allocateDirect(4).put(new byte[] {1, 2, 3, 4}).flip().position(1);
        Message device = message("x");
        Message message = new Message(
                device.kind(),
                device.clientId(),
                device.username(),
                device.topic(),
                device.qos(),
                false,
                false,
                1,
                0,
                device.properties(),
                payload);
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            append(buffer, message);
            payload.put(2, (byte) 99);
            assertThat(payload.remaining()).isEqualTo(3);
            assertThat(read(consumer, 1).get(0).message().payload()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3, 4}));
        }
    }

    @Test
    void a_message_larger_than_a_segment_and_than_a_group_is_kept() throws Exception {
        byte[] payload = new byte[9 << 20];
        payload[payload.length - 1] = 42;
        try (SharedBuffer buffer = SharedBuffer.open(config(Kept.ON_DISK, Overflow.BLOCK, 64 << 20, 4096));
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            append(buffer, message("before")).awaitSafe();
            append(buffer, message("device", "a", payload)).awaitSafe();
            append(buffer, message("after"));
            List<StoredMessage> messages = read(consumer, 3);
            assertThat(messages.get(1).message().payload()).isEqualTo(ByteBuffer.wrap(payload));
            assertThat(TestMessages.text(messages.get(2))).isEqualTo("after");
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_append_is_safe_only_once_a_consumer_is_attached(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config(kept))) {
            Outcome safe = append(buffer, message("m"));
            await().until(() -> buffer.stats().end() == 1);
            await().until(() -> buffer.stats().withheld() == 1);
            assertThat(safe.isKnown()).isFalse();
            buffer.attach(spec("c"));
            safe.awaitSafe();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_append_that_nobody_attached_for_fails_when_the_buffer_is_closed(Kept kept) {
        Outcome safe;
        try (SharedBuffer buffer = SharedBuffer.open(config(kept))) {
            safe = append(buffer, message("m"));
        }
        assertThatThrownBy(safe::awaitSafe).hasRootCauseInstanceOf(BufferException.class);
    }

    @Test
    void what_was_appended_is_there_after_closing_and_opening() throws Exception {
        String id;
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            id = buffer.id();
            buffer.attach(spec("c"));
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i));
            }
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            assertThat(buffer.id()).isEqualTo(id);
            append(buffer, message("new"));
            List<StoredMessage> messages = read(consumer, 301);
            assertThat(messages).extracting(TestMessages::text).startsWith("m0").endsWith("m299", "new");
            assertThat(messages.get(300).position()).isEqualTo(300);
        }
    }

    @Test
    void acknowledged_positions_survive_and_reading_goes_on_behind_them() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 10; i++) {
                append(buffer, message("m" + i));
            }
            read(consumer, 10);
            consumer.acknowledge(LanePositions.all(4));
            consumer.acknowledge(LanePositions.all(2));
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            assertThat(consumer.acknowledged()).isEqualTo(LanePositions.all(4));
            assertThat(read(consumer, 5)).extracting(TestMessages::text).containsExactly("m5", "m6", "m7", "m8", "m9");
        }
    }

    @Test
    void a_new_consumer_registers_at_the_end() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer first = attach(buffer, spec("first"))) {
            append(buffer, message("before")).awaitSafe();
            try (BufferConsumer second = attach(buffer, spec("second"))) {
                append(buffer, message("after")).awaitSafe();
                assertThat(read(second, 1)).extracting(TestMessages::text).containsExactly("after");
            }
            assertThat(read(first, 2)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_are_dropped_when_every_consumer_has_acknowledged_them(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config(kept));
                BufferConsumer one = attach(buffer, spec("one"));
                BufferConsumer two = attach(buffer, spec("two"))) {
            for (int i = 0; i < 500; i++) {
                append(buffer, message("m" + i));
            }
            read(one, 500);
            read(two, 500);
            assertThat(buffer.stats().segments()).isGreaterThan(5);
            one.acknowledge(LanePositions.all(499));
            two.acknowledge(LanePositions.all(250));
            await().until(() -> buffer.stats().start() > 150);
            assertThat(buffer.stats().start()).isLessThanOrEqualTo(251);
            two.acknowledge(LanePositions.all(499));
            await().until(() -> buffer.stats().segments() == 1);
        }
    }

    @Test
    void retention_keeps_what_was_delivered_for_replay() throws Exception {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ofHours(1), Duration.ofDays(7));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i));
            }
            read(consumer, 300);
            consumer.acknowledge(LanePositions.all(299));
            await().during(Duration.ofMillis(1_500)).until(() -> buffer.stats().start() == 0);
            try (BufferConsumer again = buffer.attach(spec("c"))) {
                again.seek(LanePositions.all(99));
                assertThat(read(again, 200))
                        .hasSize(200)
                        .first()
                        .extracting(TestMessages::text)
                        .isEqualTo("m100");
            }
        }
    }

    @Test
    void a_consumer_reads_only_its_lanes_and_filters() throws Exception {
        Lanes lanes = Lanes.NONE.with(Lanes.of("client-1")).with(Lanes.of("client-2"));
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(
                        buffer, new ConsumerSpec("c", List.of(TopicFilter.of("a/+")), AckMode.BUFFERED, lanes))) {
            List<String> wanted = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String client = "client-" + i % 20;
                String topic = i % 3 == 0 ? "a/" + i % 7 : "b/" + i % 7;
                if (lanes.contains(Lanes.of(client)) && topic.startsWith("a/")) {
                    wanted.add("m" + i);
                }
                append(buffer, message(client, topic, "m" + i)).awaitSafe();
            }
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(wanted);
            assertThat(batch.frontier()).isEqualTo(200);
        }
    }

    @Test
    void a_read_stops_at_its_limits_and_goes_on_from_there() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 10; i++) {
                append(buffer, message("123456789" + i)).awaitSafe();
            }
            ReadBatch three = consumer.read(3, 1 << 20, Duration.ZERO);
            assertThat(three.messages()).hasSize(3);
            assertThat(three.frontier()).isEqualTo(3);
            assertThat(consumer.read(100, 25, Duration.ZERO).messages()).hasSize(3);
            assertThat(consumer.read(100, 1 << 20, Duration.ZERO).messages()).hasSize(4);
        }
    }

    @Test
    void a_reader_at_the_tail_is_woken_by_an_append() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            CompletableFuture<ReadBatch> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return consumer.read(10, 1 << 20, Duration.ofSeconds(30));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            append(buffer, message("m"));
            assertThat(reading.get(5, TimeUnit.SECONDS).messages()).hasSize(1);
        }
    }

    @Test
    void a_newer_attachment_fences_the_older_one_that_shares_a_lane() throws Exception {
        Lanes low = new Lanes(0xFFFF_FFFFL);
        Lanes high = new Lanes(~0xFFFF_FFFFL);
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer task0 = attach(buffer, new ConsumerSpec("c", List.of(), AckMode.BUFFERED, low));
            BufferConsumer task1 = attach(buffer, new ConsumerSpec("c", List.of(), AckMode.BUFFERED, high));
            readNow(task0);
            BufferConsumer newer = attach(buffer, new ConsumerSpec("c", List.of(), AckMode.BUFFERED, low));
            assertThatThrownBy(() -> readNow(task0)).isInstanceOf(FencedException.class);
            append(buffer, message("m")).awaitSafe();
            task0.acknowledge(LanePositions.all(0));
            assertThat(newer.acknowledged()).isEqualTo(LanePositions.all(-1));
            readNow(task1);
            task0.close();
            readNow(newer);
        }
    }

    @Test
    void a_mark_is_its_consumers_own_after_any_number_of_openings_and_no_others() {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            run = buffer.attach(spec("c")).run();
            assertThat(buffer.attach(spec("d")).isOwnRun(run)).isFalse();
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer again = buffer.attach(spec("c"));
            assertThat(again.isOwnRun(run)).isTrue();
            assertThat(again.isOwnRun(again.run())).isTrue();
            assertThat(again.run()).isNotEqualTo(run);
            assertThat(again.isOwnRun(run + "x")).isFalse();
            assertThat(again.isOwnRun("")).isFalse();
            assertThat(again.isOwnRun("no mark at all")).isFalse();
            again.close();
            assertThat(buffer.forget("c")).isTrue();
            assertThat(buffer.attach(spec("c")).isOwnRun(run)).isFalse();
        }
    }

    @Test
    void an_attachment_that_was_cut_off_goes_on_under_its_mark() throws Exception {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer first = attach(buffer, spec("c"));
            run = first.run();
            BufferConsumer again = buffer.resume(spec("c"), run);
            assertThat(again.run()).isEqualTo(run);
            assertThatThrownBy(() -> readNow(first)).isInstanceOf(FencedException.class);
            again.seek(again.acknowledged());
            readNow(again);
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            assertThat(buffer.resume(spec("c"), run).run()).isEqualTo(run);
        }
    }

    @Test
    void an_attachment_that_was_followed_cannot_go_on_whoever_comes_back_first() {
        Lanes low = new Lanes(0xFF);
        Lanes high = new Lanes(0xFF00);
        ConsumerSpec task0 = new ConsumerSpec("c", List.of(), AckMode.BUFFERED, low);
        ConsumerSpec task1 = new ConsumerSpec("c", List.of(), AckMode.BUFFERED, high);
        String followed;
        String beside;
        String newest;
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            followed = buffer.attach(task0).run();
            beside = buffer.attach(task1).run();
            newest = buffer.attach(task0).run();
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            BufferConsumer held = buffer.resume(task0, newest);
            BufferConsumer other = buffer.resume(task1, beside);
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            held.seek(held.acknowledged());
            other.seek(other.acknowledged());
            buffer.attach(task0);
            assertThatThrownBy(() -> readNow(held)).isInstanceOf(FencedException.class);
            assertThatCode(() -> readNow(other)).doesNotThrowAnyException();
        }
    }

    @Test
    void nobody_goes_on_under_a_mark_of_a_consumer_that_was_forgotten() {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer first = buffer.attach(spec("c"));
            String run = first.run();
            first.close();
            buffer.forget("c");
            assertThatThrownBy(() -> buffer.resume(spec("c"), run)).hasMessageContaining("forgotten");
            buffer.attach(spec("c"));
            assertThatThrownBy(() -> buffer.resume(spec("c"), run)).hasMessageContaining("forgotten");
        }
    }

    @Test
    void publishers_who_wait_for_delivery_do_not_wait_for_a_consumer_that_does_not_want_the_message() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer consumer = attach(
                    buffer, new ConsumerSpec("c", List.of(TopicFilter.of("other")), AckMode.DELIVERED, Lanes.ALL));
            append(buffer, message("m")).awaitSafe();
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                ReadBatch nothing = consumer.read(1, 1, Duration.ofMinutes(1));
                assertThat(nothing.messages()).isEmpty();
                assertThat(nothing.frontier()).isEqualTo(1);
            });
        }
    }

    @Test
    void interest_is_the_strongest_of_all_consumers_attached_or_remembered() {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.NONE);
            buffer.attach(spec("one", "a/#"));
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.BUFFERED);
            BufferConsumer two = buffer.attach(
                    new ConsumerSpec("two", List.of(TopicFilter.of("a/b")), AckMode.DELIVERED, Lanes.ALL));
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
            assertThat(buffer.interest("a/c")).isEqualTo(Interest.BUFFERED);
            two.close();
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
        }
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
            buffer.forget("two");
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.BUFFERED);
            assertThat(buffer.interest("b")).isEqualTo(Interest.NONE);
        }
    }

    @Test
    void a_consumer_that_expired_holds_nothing_back_and_hears_of_its_gap() throws Exception {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofMillis(1_500));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                BufferConsumer stays = attach(buffer, spec("stays"))) {
            buffer.attach(spec("leaves")).close();
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i)).awaitSafe();
            }
            stays.acknowledge(LanePositions.all(299));
            await().until(() -> buffer.stats().segments() == 1);
            long start = buffer.stats().start();
            BufferConsumer back = attach(buffer, spec("leaves"));
            ReadBatch batch = readNow(back);
            assertThat(batch.gaps()).hasSize(1);
            assertThat(batch.gaps().get(0).from()).isZero();
            assertThat(batch.gaps().get(0).to()).isEqualTo(start);
            assertThat(batch.messages()).hasSize((int) (300 - start));
        }
    }

    @Test
    void a_full_buffer_that_blocks_takes_the_rest_when_there_is_room() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config(Kept.IN_MEMORY, Overflow.BLOCK, 10_000, 4096));
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            List<Message> messages = numbered(300);
            Admission admission = buffer.append(messages, AppendListener.NONE);
            assertThat(admission.rest()).isEqualTo(Admission.Rest.WAIT);
            int accepted = admission.accepted();
            AtomicBoolean room = new AtomicBoolean();
            while (accepted < messages.size()) {
                room.set(false);
                buffer.whenRoom(() -> room.set(true));
                await().during(Duration.ofMillis(50)).untilFalse(room);
                List<StoredMessage> read = new ArrayList<>();
                await().until(() -> {
                    read.addAll(readNow(consumer).messages());
                    return !read.isEmpty();
                });
                consumer.acknowledge(LanePositions.all(read.get(read.size() - 1).position()));
                await().untilTrue(room);
                admission = buffer.append(messages.subList(accepted, messages.size()), AppendListener.NONE);
                assertThat(admission.accepted()).isPositive();
                accepted += admission.accepted();
            }
            assertThat(buffer.stats().dropped())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
        }
    }

    @Test
    void a_full_buffer_refuses_or_drops_the_newest_as_it_is_told() {
        for (Overflow overflow : List.of(Overflow.REJECT, Overflow.DROP_NEWEST)) {
            try (SharedBuffer buffer = SharedBuffer.open(config(Kept.IN_MEMORY, overflow, 10_000, 4096))) {
                buffer.attach(spec("c"));
                Admission admission = buffer.append(numbered(300), AppendListener.NONE);
                long rest = 300L - admission.accepted();
                assertThat(admission.accepted()).isBetween(50, 250);
                if (overflow == Overflow.REJECT) {
                    assertThat(admission.rest()).isEqualTo(Admission.Rest.REJECT);
                    assertThat(buffer.stats().rejected()).isEqualTo(rest);
                } else {
                    assertThat(admission.rest()).isEqualTo(Admission.Rest.DROP);
                    assertThat(buffer.stats().dropped()).containsEntry(DropReason.NEWEST, rest);
                }
                assertThat(buffer.stats().bytes()).isLessThanOrEqualTo(10_000 + 3 * SegmentHeader.BYTES);
            }
        }
    }

    @Test
    void a_message_larger_than_the_buffer_is_refused_or_dropped_alone() throws Exception {
        for (Overflow overflow : Overflow.values()) {
            boolean drops = overflow == Overflow.DROP_NEWEST || overflow == Overflow.DROP_OLDEST;
            try (SharedBuffer buffer = SharedBuffer.open(config(Kept.IN_MEMORY, overflow, 10_000, 4096));
                    BufferConsumer consumer = attach(buffer, spec("c"))) {
                List<Message> messages =
                        List.of(message("before"), message("x".repeat(20_000)), message("after"), message("last"));
                Admission admission = buffer.append(messages, AppendListener.NONE);
                assertThat(admission)
                        .isEqualTo(new Admission(1, drops ? Admission.Rest.DROP_ONE : Admission.Rest.REJECT_ONE));
                assertThat(admission.settled(messages.size())).isEqualTo(2);
                appendAll(buffer, messages.subList(2, 4));
                assertThat(read(consumer, 3)).extracting(TestMessages::text).containsExactly("before", "after", "last");
                assertThat(buffer.stats().rejected()).isEqualTo(drops ? 0 : 1);
                assertThat(buffer.stats().dropped()).containsEntry(DropReason.TOO_LARGE, drops ? 1L : 0L);
            }
        }
    }

    @Test
    void a_full_buffer_that_drops_the_oldest_tells_the_consumer_what_it_missed() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config(Kept.IN_MEMORY, Overflow.DROP_OLDEST, 10_000, 4096));
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            appendAll(buffer, numbered(1000));
            await().until(() -> buffer.stats().end() == 1000 && buffer.stats().bytes() <= 10_000);
            ReadBatch batch = readNow(consumer);
            long start = buffer.stats().start();
            assertThat(batch.gaps()).hasSize(1);
            assertThat(batch.gaps().get(0).count()).isEqualTo(start);
            assertThat(batch.gaps().get(0).cause()).contains("drop.oldest");
            assertThat(buffer.stats().dropped()).containsEntry(DropReason.OLDEST, start);
            assertThat(batch.messages()).hasSize((int) (1000 - start));
        }
    }

    @Test
    void a_folder_is_locked_while_it_is_open_and_released_after() {
        SharedBuffer buffer = SharedBuffer.open(onDisk());
        assertThatThrownBy(() -> SharedBuffer.open(onDisk()))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(folder.resolve("buffer").toString())
                .hasMessageContaining("in use");
        buffer.close();
        buffer.close();
        SharedBuffer.open(onDisk()).close();
    }

    @Test
    void a_folder_that_holds_something_else_is_refused_and_released() throws Exception {
        Path dir = Files.createDirectories(folder.resolve("buffer"));
        Path other = Files.writeString(dir.resolve("invoice.txt"), "not ours");
        assertThatThrownBy(() -> SharedBuffer.open(onDisk()))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("invoice.txt");
        Files.delete(other);
        SharedBuffer.open(onDisk()).close();
    }

    @Test
    void sizes_that_do_not_fit_each_other_are_refused_in_a_sentence() {
        assertThatThrownBy(() -> SharedBuffer.open(config(Kept.IN_MEMORY, Overflow.BLOCK, 5000, 4096)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("buffer.max.bytes is 5000")
                .hasMessageContaining("4096");
    }

    @Test
    void an_interrupted_reader_is_told_so_and_can_read_on() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk());
                BufferConsumer consumer = attach(buffer, spec("c"))) {
            append(buffer, message("one")).awaitSafe();
            append(buffer, message("two")).awaitSafe();
            assertThat(consumer.read(1, 1 << 20, Duration.ZERO).messages()).hasSize(1);
            for (int i = 0; i < 2; i++) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> consumer.read(1, 1 << 20, Duration.ofSeconds(5)))
                        .isInstanceOf(InterruptedException.class);
                assertThat(Thread.interrupted()).isFalse();
            }
            assertThat(consumer.read(1, 1 << 20, Duration.ZERO).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("two");
        }
    }

    @Test
    void an_interrupted_thread_closes_the_buffer_completely() throws Exception {
        SharedBuffer buffer = SharedBuffer.open(onDisk());
        BufferConsumer consumer = attach(buffer, spec("c"));
        append(buffer, message("one")).awaitSafe();
        consumer.acknowledge(LanePositions.all(0));
        Thread.currentThread().interrupt();
        buffer.close();
        assertThat(Thread.interrupted()).isTrue();
        try (SharedBuffer again = SharedBuffer.open(onDisk())) {
            assertThat(again.attach(spec("c")).acknowledged()).isEqualTo(LanePositions.all(0));
        }
    }

    @Test
    void only_the_owner_can_read_the_files() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            buffer.attach(spec("c"));
        }
        Path dir = folder.resolve("buffer");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
                .isEqualTo("rwx------");
        try (var files = Files.list(dir)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void reading_beyond_the_end_is_refused_in_a_sentence() {
        try (SharedBuffer buffer = SharedBuffer.open(onDisk())) {
            BufferConsumer consumer = buffer.attach(spec("c"));
            assertThatThrownBy(() -> consumer.seek(LanePositions.all(5)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    @Test
    void a_closed_buffer_refuses_everything() {
        SharedBuffer buffer = SharedBuffer.open(onDisk());
        BufferConsumer consumer = attach(buffer, spec("c"));
        buffer.close();
        assertThat(buffer.append(List.of(message("m")), AppendListener.NONE))
                .isEqualTo(new Admission(0, Admission.Rest.REJECT));
        assertThatThrownBy(() -> readNow(consumer)).isInstanceOf(BufferException.class);
        assertThatThrownBy(() -> buffer.attach(spec("c"))).isInstanceOf(BufferException.class);
        consumer.close();
    }
}
