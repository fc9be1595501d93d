package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
import io.sluice.buffer.log.ReadBatch;
import io.sluice.message.TopicFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What consumers of a shared buffer may rely on: where they go on, who holds a lane, and what is kept for them. */
@Timeout(60)
class LocalAttachmentTest {

    @TempDir
    Path folder;

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
            buffer.whenRecoveredIsSafe(recovered);
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
            buffer.whenRecoveredIsSafe(recovered);
            await().during(Duration.ofMillis(300)).until(() -> !recovered.isKnown());
            try (Attachment back = attach(buffer, delivered)) {
                read(back, 1);
                back.acknowledge(LanePositions.all(0));
                recovered.awaitSafe();
            }
        }
    }

    @Test
    void what_one_task_left_in_doubt_each_of_several_knows_for_its_lanes_and_one_after_them_all_that_they_leave() {
        Lanes odd = new Lanes(0xAAAA_AAAA_AAAA_AAAAL);
        Lanes even = Lanes.ALL.without(odd);
        Doubt all = new Doubt(9, 8, 1, 2, Lanes.NONE.with(4).with(5));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            leave(buffer, Lanes.ALL, all);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(attachTo(buffer, odd).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(5)));
            assertThat(attachTo(buffer, even).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(4)));
            leave(buffer, odd, new Doubt(12, 11, 0, 4, Lanes.NONE.with(7)));
            assertThat(attachTo(buffer, even).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(4)));
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(attachTo(buffer, Lanes.ALL).doubt())
                    .isEqualTo(new Doubt(12, 11, 0, 4, Lanes.NONE.with(4).with(7)));
            leave(buffer, Lanes.ALL, Doubt.NONE);
            assertThat(attachTo(buffer, odd).doubt()).isEqualTo(Doubt.NONE);
        }
    }

    @Test
    void what_is_in_doubt_when_the_buffer_is_closed_already_is_not_kept() {
        SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
        Attachment consumer = attachTo(buffer, Lanes.ALL);
        consumer.seek(consumer.acknowledged());
        buffer.close();
        consumer.doubt(new Doubt(9, 8, 1, 2, Lanes.NONE));
        assertThat(consumer.isDoubtKept()).isFalse();
    }

    private static void leave(SharedBuffer buffer, Lanes lanes, Doubt doubt) {
        try (Attachment consumer = attachTo(buffer, lanes)) {
            consumer.seek(consumer.acknowledged());
            consumer.doubt(doubt);
        }
    }

    private static Attachment attachTo(SharedBuffer buffer, Lanes lanes) {
        return buffer.attach(new AttachRequest("c", spec("c").filters(), AckMode.BUFFERED, lanes));
    }

    @Test
    void what_a_consumer_left_in_doubt_is_there_when_it_attaches_again_also_after_a_restart() {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment consumer = buffer.attach(spec("c"));
            assertThat(consumer.doubt()).isEqualTo(Doubt.NONE);
            consumer.seek(consumer.acknowledged());
            consumer.doubt(left);
            Attachment next = buffer.attach(spec("c"));
            assertThat(next.doubt()).isEqualTo(left);
            next.doubt(Doubt.NONE); // it drains nothing yet, and has nothing to say
            assertThat(next.doubt()).isEqualTo(left);
            next.seek(next.acknowledged());
            consumer.doubt(Doubt.NONE); // it was followed by another, and has nothing to say any more
            assertThat(next.doubt()).isEqualTo(left);
        }
        try (SharedBuffer again = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(again.attach(spec("c")).doubt()).isEqualTo(left);
            assertThat(again.attach(spec("d")).doubt()).isEqualTo(Doubt.NONE);
        }
    }

    @Test
    void what_waits_for_a_consumer_is_taken_over_by_one_that_is_new_and_by_no_other() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment old = attach(buffer, spec("old"));
            append(buffer, message("m")).awaitSafe();
            assertThatThrownBy(() -> buffer.takeOver("old", "new"))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("consumer 'old' is attached");
            old.close();

            assertThat(buffer.takeOver("nobody", "new")).isFalse();
            assertThat(buffer.takeOver("old", "new")).isTrue();
            assertThat(buffer.takeOver("old", "new")).isFalse();
            try (Attachment taken = attach(buffer, spec("new"))) {
                assertThat(TestMessages.text(read(taken, 1).get(0))).isEqualTo("m");
            }
            assertThat(buffer.stats().consumers())
                    .singleElement()
                    .satisfies(consumer -> assertThat(consumer.name()).isEqualTo("new"));
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
    void acknowledged_positions_survive_and_reading_goes_on_behind_them() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 10; i++) {
                append(buffer, message("m" + i));
            }
            read(consumer, 10);
            consumer.acknowledge(LanePositions.all(4));
            consumer.acknowledge(LanePositions.all(2));
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(consumer.acknowledged()).isEqualTo(LanePositions.all(4));
            assertThat(read(consumer, 5)).extracting(TestMessages::text).containsExactly("m5", "m6", "m7", "m8", "m9");
        }
    }

    @Test
    void a_new_consumer_registers_at_the_end() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment first = attach(buffer, spec("first"))) {
            append(buffer, message("before")).awaitSafe();
            try (Attachment second = attach(buffer, spec("second"))) {
                append(buffer, message("after")).awaitSafe();
                assertThat(read(second, 1)).extracting(TestMessages::text).containsExactly("after");
            }
            assertThat(read(first, 2)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_are_dropped_when_every_consumer_has_acknowledged_them(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder));
                Attachment one = attach(buffer, spec("one"));
                Attachment two = attach(buffer, spec("two"))) {
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
                Attachment consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i));
            }
            read(consumer, 300);
            consumer.acknowledge(LanePositions.all(299));
            await().during(Duration.ofMillis(1_500)).until(() -> buffer.stats().start() == 0);
            try (Attachment again = buffer.attach(spec("c"))) {
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
    void a_newer_attachment_fences_the_older_one_that_shares_a_lane() throws Exception {
        Lanes low = new Lanes(0xFFFF_FFFFL);
        Lanes high = new Lanes(~0xFFFF_FFFFL);
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment task0 = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, low));
            Attachment task1 = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, high));
            readNow(task0);
            Attachment newer = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, low));
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
    void an_attachment_that_never_says_where_it_begins_takes_nothing_from_the_one_that_drains() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment living = attach(buffer, spec("c", "a/#"));
            Attachment late = buffer.attach(spec("c", "b/#"));
            append(buffer, message("m")).awaitSafe();
            assertThat(read(living, 1)).hasSize(1);
            living.acknowledge(LanePositions.all(0));
            late.close();
            append(buffer, message("next")).awaitSafe();
            assertThat(read(living, 1)).hasSize(1);
            assertThat(buffer.interest("b")).isEqualTo(Interest.NONE);
            assertThat(buffer.resume(spec("c", "a/#"), living.run()).acknowledged())
                    .isEqualTo(LanePositions.all(0));
        }
    }

    @Test
    void of_two_attachments_the_newer_one_drains_whichever_says_first_where_it_begins() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment older = buffer.attach(spec("c"));
            Attachment newer = buffer.attach(spec("c"));
            newer.seek(newer.acknowledged());
            assertThatThrownBy(() -> older.seek(older.acknowledged())).isInstanceOf(FencedException.class);
            append(buffer, message("m")).awaitSafe();
            assertThat(read(newer, 1)).hasSize(1);
        }
    }

    @Test
    void a_mark_is_its_consumers_own_after_any_number_of_openings_and_no_others() {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            run = buffer.attach(spec("c")).run();
            assertThat(buffer.attach(spec("d")).isOwnRun(run, -1)).isFalse();
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment again = buffer.attach(spec("c"));
            assertThat(again.isOwnRun(run, -1)).isTrue();
            assertThat(again.isOwnRun(again.run(), -1)).isTrue();
            assertThat(again.run()).isNotEqualTo(run);
            assertThat(again.isOwnRun("x" + run, -1)).isFalse();
            assertThat(again.isOwnRun("", -1)).isFalse();
            assertThat(again.isOwnRun("no mark at all", -1)).isFalse();
            again.close();
            assertThat(buffer.forget("c")).isTrue();
            assertThat(buffer.attach(spec("c")).isOwnRun(run, -1)).isFalse();
        }
    }

    @Test
    void an_attachment_that_was_cut_off_goes_on_under_its_mark() throws Exception {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment first = attach(buffer, spec("c"));
            run = first.run();
            Attachment again = buffer.resume(spec("c"), run);
            assertThat(again.run()).isEqualTo(run);
            readNow(first);
            again.seek(again.acknowledged());
            assertThatThrownBy(() -> readNow(first)).isInstanceOf(FencedException.class);
            readNow(again);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            String resumed = buffer.resume(spec("c"), run).run();
            assertThat(Run.of(resumed).attachment()).isEqualTo(Run.of(run).attachment());
            assertThat(Run.of(resumed).opening()).isNotEqualTo(Run.of(run).opening());
        }
    }

    @Test
    void an_attachment_that_was_followed_cannot_go_on_whoever_comes_back_first() {
        Lanes low = new Lanes(0xFF);
        Lanes high = new Lanes(0xFF00);
        AttachRequest task0 = new AttachRequest("c", List.of(), AckMode.BUFFERED, low);
        AttachRequest task1 = new AttachRequest("c", List.of(), AckMode.BUFFERED, high);
        String followed;
        String beside;
        String newest;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            followed = attach(buffer, task0).run();
            beside = attach(buffer, task1).run();
            newest = attach(buffer, task0).run();
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            Attachment held = buffer.resume(task0, newest);
            Attachment other = buffer.resume(task1, beside);
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            held.seek(held.acknowledged());
            other.seek(other.acknowledged());
            attach(buffer, task0);
            assertThatThrownBy(() -> readNow(held)).isInstanceOf(FencedException.class);
            assertThatCode(() -> readNow(other)).doesNotThrowAnyException();
        }
    }

    @Test
    void nobody_goes_on_under_a_mark_of_a_consumer_that_was_forgotten() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment first = buffer.attach(spec("c"));
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

    @Test
    void a_consumer_that_expired_holds_nothing_back_and_hears_of_its_gap() throws Exception {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofMillis(1_500));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment stays = attach(buffer, spec("stays"))) {
            buffer.attach(spec("leaves")).close();
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i)).awaitSafe();
            }
            stays.acknowledge(LanePositions.all(299));
            await().until(() -> buffer.stats().segments() == 1);
            long start = buffer.stats().start();
            Attachment back = attach(buffer, spec("leaves"));
            ReadBatch batch = readNow(back);
            assertThat(batch.gaps()).hasSize(1);
            assertThat(batch.gaps().get(0).from()).isZero();
            assertThat(batch.gaps().get(0).to()).isEqualTo(start);
            assertThat(batch.messages()).hasSize((int) (300 - start));
        }
    }
}
