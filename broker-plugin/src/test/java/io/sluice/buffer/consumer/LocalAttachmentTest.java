package io.sluice.buffer.consumer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Kept;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the buffer keeps for its consumers, and drops. */
@Timeout(60)
class LocalAttachmentTest {

    @TempDir
    private Path folder;

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
