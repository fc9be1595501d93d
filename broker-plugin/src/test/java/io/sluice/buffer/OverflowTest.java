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
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.LogFiles;
import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of messages when a buffer is full. */
@Timeout(60)
class OverflowTest {

    @TempDir
    Path folder;

    @Test
    void a_full_buffer_that_blocks_takes_the_rest_when_there_is_free_space() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder, Overflow.BLOCK, 10_000, 4096));
                Attachment consumer = attach(buffer, spec("c"))) {
            List<Message> messages = numbered(300);
            Admission admission = buffer.append(messages, AppendListener.NONE);
            assertThat(admission.rest()).isEqualTo(Admission.Rest.WAIT);
            int accepted = admission.accepted();
            AtomicBoolean space = new AtomicBoolean();
            while (accepted < messages.size()) {
                space.set(false);
                buffer.whenFree(() -> space.set(true));
                await().during(Duration.ofMillis(50)).untilFalse(space);
                List<StoredMessage> read = new ArrayList<>();
                await().until(() -> {
                    read.addAll(readNow(consumer).messages());
                    return !read.isEmpty();
                });
                consumer.acknowledge(LanePositions.all(read.get(read.size() - 1).position()));
                await().untilTrue(space);
                admission = buffer.append(messages.subList(accepted, messages.size()), AppendListener.NONE);
                assertThat(admission.accepted()).isPositive();
                accepted += admission.accepted();
            }
            assertThat(buffer.stats().dropped())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
        }
    }

    @Test
    void who_waits_for_space_in_a_buffer_that_has_closed_meanwhile_is_called_nevertheless() {
        SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder, Overflow.BLOCK, 10_000, 4096));
        buffer.attach(spec("c"));
        assertThat(buffer.append(numbered(300), AppendListener.NONE).rest()).isEqualTo(Admission.Rest.WAIT);
        buffer.close();
        AtomicBoolean called = new AtomicBoolean();
        buffer.whenFree(() -> called.set(true));
        assertThat(called).isTrue();
        assertThat(buffer.append(numbered(1), AppendListener.NONE).rest()).isEqualTo(Admission.Rest.REJECT);
    }

    @Test
    void a_full_buffer_refuses_or_drops_the_newest_as_it_is_told() {
        for (Overflow overflow : List.of(Overflow.REJECT, Overflow.DROP_NEWEST)) {
            try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder, overflow, 10_000, 4096))) {
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
                assertThat(buffer.stats().bytes())
                        .isLessThanOrEqualTo(
                                10_000 + 3 * (LogFiles.SEGMENT_HEADER_BYTES + LogFiles.RECORD_HEADER_BYTES));
            }
        }
    }

    @Test
    void a_message_larger_than_the_buffer_is_refused_or_dropped_alone() throws Exception {
        for (Overflow overflow : Overflow.values()) {
            boolean drops = overflow == Overflow.DROP_NEWEST || overflow == Overflow.DROP_OLDEST;
            try (SharedBuffer buffer = SharedBuffer.open(Kept.IN_MEMORY.config(folder, overflow, 10_000, 4096));
                    Attachment consumer = attach(buffer, spec("c"))) {
                List<Message> messages =
                        List.of(message("before"), message("x".repeat(20_000)), message("after"), message("last"));
                Admission admission = buffer.append(messages, AppendListener.NONE);
                assertThat(admission)
                        .isEqualTo(new Admission(1, drops ? Admission.Rest.DROP : Admission.Rest.REJECT, 2));
                appendAll(buffer, messages.subList(2, 4));
                assertThat(read(consumer, 3)).extracting(TestMessages::text).containsExactly("before", "after", "last");
                assertThat(buffer.stats().rejected()).isEqualTo(drops ? 0 : 1);
                assertThat(buffer.stats().dropped()).containsEntry(DropReason.TOO_LARGE, drops ? 1L : 0L);
            }
        }
    }

    @Test
    void a_full_buffer_that_drops_the_oldest_tells_the_consumer_what_it_missed() throws Exception {
        try (SharedBuffer buffer =
                        SharedBuffer.open(Kept.IN_MEMORY.config(folder, Overflow.DROP_OLDEST, 10_000, 4096));
                Attachment consumer = attach(buffer, spec("c"))) {
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
    void a_full_buffer_that_drops_the_oldest_keeps_the_newest_however_large_it_is() throws Exception {
        try (SharedBuffer buffer =
                        SharedBuffer.open(Kept.IN_MEMORY.config(folder, Overflow.DROP_OLDEST, 10_000, 4096));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("d", "t", new byte[3_400])).awaitSafe();
            append(buffer, message("d", "t", new byte[7_500])).awaitSafe();
            await().until(() -> buffer.stats().bytes() <= 10_000);
            await().during(Duration.ofMillis(1_500))
                    .until(() -> buffer.stats().dropped().get(DropReason.OLDEST) == 1);
            assertThat(read(consumer, 1)).extracting(StoredMessage::position).containsExactly(1L);
        }
    }
}
