package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sluice.LoggedEvents;
import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Interest;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.message.TopicFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When an append is safe, so that its publisher may be answered. */
@Timeout(60)
class SafeAppendTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void an_append_is_safe_only_once_a_consumer_is_attached(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder))) {
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
    void a_buffer_that_does_not_insist_on_a_consumer_makes_appends_safe_while_all_are_away(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder).acknowledgingUnattached(true))) {
            buffer.attach(spec("c")).close();
            append(buffer, message("m")).awaitSafe();
            assertThat(buffer.stats().withheld()).isZero();
            try (Attachment back = attach(buffer, spec("c"))) {
                assertThat(TestMessages.text(read(back, 1).get(0))).isEqualTo("m");
            }
        }
    }

    @Test
    void such_a_buffer_says_what_it_has_recovered_is_safe_although_nobody_comes() {
        BufferConfig config = Kept.ON_DISK.config(folder).acknowledgingUnattached(true);
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            buffer.attach(spec("c")).close();
            append(buffer, TestMessages.qos2("device", 1, "m")).awaitSafe();
        }
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            Outcome recovered = new Outcome();
            buffer.whenRecoveredIsSafe(Lanes.ALL, recovered);
            recovered.awaitSafe();
        }
    }

    @Test
    void what_is_recovered_waits_for_who_wants_messages_delivered_and_is_away() throws Exception {
        BufferConfig config = Kept.ON_DISK.config(folder).acknowledgingUnattached(true);
        AttachRequest delivered = new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.DELIVERED, Lanes.ALL);
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            buffer.attach(delivered).close();
            append(buffer, TestMessages.qos2("device", 1, "m"));
        }
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            Outcome recovered = new Outcome();
            buffer.whenRecoveredIsSafe(Lanes.ALL, recovered);
            await().during(Duration.ofMillis(300)).until(() -> !recovered.isKnown());
            try (Attachment back = attach(buffer, delivered)) {
                read(back, 1);
                back.acknowledge(LanePositions.all(0));
                recovered.awaitSafe();
            }
        }
    }

    @Test
    void what_is_recovered_waits_in_its_lane_and_in_no_other() {
        BufferConfig config = Kept.ON_DISK.config(folder).acknowledgingUnattached(true);
        Lanes slow = Lanes.NONE.with(Lanes.of("slow"));
        Lanes fast = Lanes.NONE.with(Lanes.of("fast"));
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            buffer.attach(delivered("c")).close();
            append(buffer, TestMessages.qos2("slow", 1, "m0"));
            append(buffer, TestMessages.qos2("fast", 1, "m1"));
        }
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment stuck = attach(buffer, delivered("c", slow));
                Attachment works = attach(buffer, delivered("c", fast))) {
            Outcome ofSlow = new Outcome();
            buffer.whenRecoveredIsSafe(slow, ofSlow);
            Outcome ofFast = new Outcome();
            buffer.whenRecoveredIsSafe(fast, ofFast);
            await().until(() -> buffer.stats().withheld() == 2);
            works.acknowledge(LanePositions.all(1));
            ofFast.awaitSafe();
            awaitWriter(buffer);
            assertThat(ofSlow.isKnown()).isFalse();
            stuck.acknowledge(LanePositions.all(1));
            ofSlow.awaitSafe();
        }
    }

    @Test
    void such_a_buffer_still_waits_for_who_wants_messages_delivered_and_is_away() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder).acknowledgingUnattached(true))) {
            AttachRequest delivered =
                    new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.DELIVERED, Lanes.ALL);
            buffer.attach(delivered).close();
            Outcome safe = append(buffer, message("m"));
            await().until(() -> buffer.stats().withheld() == 1);
            assertThat(safe.isKnown()).isFalse();
            try (Attachment back = attach(buffer, delivered)) {
                read(back, 1);
                back.acknowledge(LanePositions.all(0));
                safe.awaitSafe();
            }
        }
    }

    @Test
    void more_appends_than_may_wait_for_kafka_are_not_taken_until_it_acknowledges() {
        BufferConfig config = Kept.IN_MEMORY.config(folder, Overflow.BLOCK, 256 << 20, 16 << 20);
        try (LoggedEvents logged = LoggedEvents.since(Housekeeper.class.getName());
                SharedBuffer buffer = SharedBuffer.open(config);
                Attachment consumer = attach(buffer, delivered("c"))) {
            await().atMost(Duration.ofSeconds(40))
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        while (takes(buffer)) {
                            // takes more
                        }
                        return buffer.stats().withheld() > FreeSpace.MAX_WITHHELD;
                    });
            AtomicBoolean free = new AtomicBoolean();
            buffer.whenFree(() -> free.set(true));
            await().until(() -> logged.lines().stream().anyMatch(line -> line.contains("no more may wait")));
            assertThat(takes(buffer)).isFalse();
            assertThat(free).isFalse();

            consumer.acknowledge(LanePositions.all(buffer.stats().end() - 1));

            await().untilTrue(free);
            assertThat(takes(buffer)).isTrue();
            await().until(() -> logged.lines().stream().anyMatch(line -> line.contains("takes messages again")));
        }
    }

    private static boolean takes(SharedBuffer buffer) {
        return buffer.append(List.of(message("m")), new Outcome()).accepted() == 1;
    }

    @Test
    void publishers_who_wait_for_delivery_hear_when_their_consumer_no_longer_wants_it() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            attach(buffer, delivered("c"));
            Outcome safe = awaitWithheld(buffer);
            Attachment changed = buffer.attach(spec("c"));
            awaitWriter(buffer);
            assertThat(safe.isKnown()).isFalse();
            changed.seek(changed.acknowledged());
            safe.awaitSafe();
        }
    }

    @Test
    void publishers_who_wait_for_delivery_hear_when_their_consumer_expires() {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofMillis(1_500));
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            attach(buffer, spec("stays"));
            attach(buffer, delivered("leaves")).close();
            awaitWithheld(buffer).awaitSafe();
        }
    }

    @Test
    void publishers_who_wait_for_delivery_hear_when_their_consumer_is_forgotten() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            attach(buffer, spec("stays"));
            attach(buffer, delivered("leaves")).close();
            Outcome safe = awaitWithheld(buffer);
            buffer.forget("leaves");
            safe.awaitSafe();
        }
    }

    @Test
    void publishers_who_wait_for_delivery_hear_when_a_replay_ends_that_had_not_come_so_far() {
        Lanes some = Lanes.NONE.with(Lanes.of("slow"));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder));
                Attachment others = attach(buffer, delivered("c", Lanes.ALL.without(some)));
                Attachment one = attach(buffer, delivered("c", some))) {
            Outcome safe = new Outcome();
            buffer.append(List.of(message("slow", "a/b", "m0"), message("fast", "a/b", "m1")), safe);
            await().until(() -> buffer.stats().withheld() == 1);
            one.acknowledge(LanePositions.all(1));
            try (Attachment replay = buffer.attach(delivered("c", some))) {
                replay.seek(LanePositions.all(-1));
                others.acknowledge(LanePositions.all(1));
                awaitWriter(buffer);
                assertThat(safe.isKnown()).isFalse();
            }
            safe.awaitSafe();
        }
    }

    @Test
    void an_append_waits_for_kafka_in_the_lane_of_its_client_and_in_no_other() throws Exception {
        Lanes slow = Lanes.NONE.with(Lanes.of("slow"));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder));
                Attachment stuck = attach(buffer, delivered("c", slow));
                Attachment works = attach(buffer, delivered("c", Lanes.ALL.without(slow)))) {
            Outcome first = append(buffer, message("slow", "a/b", "m0"));
            Outcome second = append(buffer, message("fast", "a/b", "m1"));
            Outcome third = append(buffer, message("slow", "a/b", "m2"));
            Outcome both = new Outcome();
            buffer.append(List.of(message("fast", "a/b", "m3"), message("slow", "a/b", "m4")), both);
            await().until(() -> buffer.stats().withheld() == 4);

            read(works, 2);
            works.acknowledge(LanePositions.all(4));
            second.awaitSafe();
            await().until(() -> buffer.stats().withheld() == 3);
            assertThat(List.of(first, third, both)).noneMatch(Outcome::isKnown);

            stuck.acknowledge(LanePositions.all(0));
            first.awaitSafe();
            await().until(() -> buffer.stats().withheld() == 2);
            assertThat(List.of(third, both)).noneMatch(Outcome::isKnown);

            stuck.acknowledge(LanePositions.all(4));
            third.awaitSafe();
            both.awaitSafe();
            await().until(() -> buffer.stats().withheld() == 0);
        }
    }

    @Test
    void all_who_wait_for_kafka_in_whatever_lane_hear_when_the_buffer_is_closed() {
        List<Outcome> waiting;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            attach(buffer, delivered("c"));
            waiting = Stream.of("slow", "fast", "slow", "other")
                    .map(client -> append(buffer, message(client, "a/b", "m")))
                    .toList();
            await().until(() -> buffer.stats().withheld() == 4);
        }
        assertThat(waiting).allMatch(Outcome::isKnown).noneMatch(Outcome::isSafe);
    }

    @Test
    void an_append_does_not_wait_for_a_consumer_that_is_away_and_wants_none_of_its_topics() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            attach(buffer, delivered("alarms", "alarms/#")).close();
            Attachment telemetry = attach(buffer, delivered("telemetry", "telemetry/#"));
            Outcome alarm = append(buffer, message("device", "alarms/1", "m0"));
            Outcome measured = append(buffer, message("device", "telemetry/1", "m1"));
            Outcome both = new Outcome();
            buffer.append(List.of(message("device", "telemetry/1", "m2"), message("device", "alarms/1", "m3")), both);
            await().until(() -> buffer.stats().withheld() == 3);

            read(telemetry, 2);
            telemetry.acknowledge(LanePositions.all(3));
            measured.awaitSafe();
            awaitWriter(buffer);
            assertThat(List.of(alarm, both)).noneMatch(Outcome::isKnown);

            buffer.forget("alarms");
            alarm.awaitSafe();
            both.awaitSafe();
            await().until(() -> buffer.stats().withheld() == 0);
        }
    }

    @Test
    void an_append_waits_for_each_of_many_consumers_that_want_its_topic_and_for_no_other() {
        int many = Long.SIZE + 6;
        int alone = many / 2;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            List<Attachment> consumers = IntStream.range(0, many)
                    .mapToObj(i -> attach(buffer, delivered("c" + i, i == alone ? "alone" : "all")))
                    .collect(Collectors.toCollection(ArrayList::new));
            Outcome forAll = append(buffer, message("device", "all", "m0"));
            Outcome forOne = append(buffer, message("device", "alone", "m1"));
            await().until(() -> buffer.stats().withheld() == 2);
            consumers.remove(alone).acknowledge(LanePositions.all(1));
            forOne.awaitSafe();
            for (Attachment consumer : consumers) {
                awaitWriter(buffer);
                assertThat(forAll.isKnown()).isFalse();
                consumer.acknowledge(LanePositions.all(0));
            }
            forAll.awaitSafe();
        }
    }

    @Test
    void an_append_waits_for_who_took_over_what_waited_for_a_consumer() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder))) {
            attach(buffer, spec("stays"));
            attach(buffer, delivered("old")).close();
            attach(buffer, delivered("other", "other")).close();
            Outcome safe = awaitWithheld(buffer);
            buffer.takeOver("old", "new");
            Attachment taken = attach(buffer, delivered("new"));
            awaitWriter(buffer);
            assertThat(safe.isKnown()).isFalse();
            taken.acknowledge(LanePositions.all(0));
            safe.awaitSafe();
        }
    }

    private static AttachRequest delivered(String name, String filter) {
        return new AttachRequest(name, List.of(TopicFilter.of(filter)), AckMode.DELIVERED, Lanes.ALL);
    }

    private static AttachRequest delivered(String name) {
        return delivered(name, Lanes.ALL);
    }

    private static AttachRequest delivered(String name, Lanes lanes) {
        return new AttachRequest(name, List.of(TopicFilter.of("#")), AckMode.DELIVERED, lanes);
    }

    /** Appends a message that somebody wants delivered; nothing comes after it that would wake the writer. */
    private static Outcome awaitWithheld(SharedBuffer buffer) {
        Outcome safe = append(buffer, message("m"));
        await().until(() -> buffer.stats().withheld() == 1);
        assertThat(safe.isKnown()).isFalse();
        return safe;
    }

    /** Waits until the writer's thread has looked for everybody whom it can tell. */
    private static void awaitWriter(SharedBuffer buffer) {
        AtomicBoolean looked = new AtomicBoolean();
        buffer.whenFree(() -> looked.set(true));
        await().untilTrue(looked);
    }

    @ParameterizedTest
    @EnumSource
    void an_append_that_nobody_attached_for_fails_when_the_buffer_is_closed(Kept kept) {
        Outcome safe;
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder))) {
            safe = append(buffer, message("m"));
        }
        assertThatThrownBy(safe::awaitSafe).hasRootCauseInstanceOf(BufferException.class);
    }

    @Test
    void publishers_who_wait_for_delivery_do_not_wait_for_a_consumer_that_does_not_want_the_message() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment consumer = attach(
                    buffer, new AttachRequest("c", List.of(TopicFilter.of("other")), AckMode.DELIVERED, Lanes.ALL));
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
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.NONE);
            buffer.attach(spec("one", "a/#"));
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.BUFFERED);
            Attachment two = buffer.attach(
                    new AttachRequest("two", List.of(TopicFilter.of("a/b")), AckMode.DELIVERED, Lanes.ALL));
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
            assertThat(buffer.interest("a/c")).isEqualTo(Interest.BUFFERED);
            two.close();
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.DELIVERED);
            buffer.forget("two");
            assertThat(buffer.interest("a/b")).isEqualTo(Interest.BUFFERED);
            assertThat(buffer.interest("b")).isEqualTo(Interest.NONE);
        }
    }
}
