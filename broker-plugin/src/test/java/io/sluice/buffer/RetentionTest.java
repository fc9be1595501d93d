package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.LogFiles;
import io.sluice.buffer.record.LanePositions;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages that were delivered, and are kept for replay. */
@Timeout(60)
class RetentionTest {

    private static final int MAX_BYTES = 1 << 16;
    private static final int SEGMENT_BYTES = 4096;

    private static BufferConfig keepingFor(Duration retention, Overflow overflow) {
        return new BufferConfig(Optional.empty(), MAX_BYTES, overflow, SEGMENT_BYTES, retention, Duration.ofDays(7));
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_kept_for_replay_takes_no_space_from_new_messages(Overflow overflow) {
        try (SharedBuffer buffer = SharedBuffer.open(keepingFor(Duration.ofHours(1), overflow));
                Attachment consumer = attach(buffer, spec("c"))) {
            // less than a segment at a time, until the buffer could have been filled several times
            List<Message> some = numbered(40);
            while (buffer.stats().appendedBytes() < 3 * MAX_BYTES) {
                Admission admission = buffer.append(some, AppendListener.NONE);
                assertThat(admission.rest()).isEqualTo(Admission.Rest.NONE);
                assertThat(buffer.stats().full()).isFalse();
                soon().until(() -> buffer.stats().end() == buffer.stats().appended());
                consumer.acknowledge(LanePositions.all(buffer.stats().end() - 1));
                soon().until(() -> buffer.stats().bytes() <= MAX_BYTES - SEGMENT_BYTES);
            }
            assertThat(buffer.stats().bytes()).isGreaterThan(MAX_BYTES / 2);
            assertThat(buffer.stats().rejected()).isZero();
            assertThat(buffer.stats().dropped())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
        }
    }

    @Test
    void segments_that_were_made_while_the_clock_was_ahead_go_as_soon_as_they_are_delivered() {
        FaultyFolder folder = new FaultyFolder();
        BufferConfig config = keepingFor(Duration.ZERO, Overflow.REJECT);
        try (SharedBuffer buffer = TestMessages.open(config, folder)) {
            buffer.attach(spec("c"));
            appendAll(buffer, numbered(300));
            append(buffer, TestMessages.message("last")).awaitSafe();
            assertThat(buffer.stats().segments()).isGreaterThan(2);
        }
        Map<String, byte[]> disk = folder.safe();
        LogFiles.makeLater(disk, Duration.ofHours(1).toMillis());
        try (SharedBuffer buffer = TestMessages.open(config, new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            consumer.acknowledge(LanePositions.all(buffer.stats().end() - 1));
            await().until(() -> buffer.stats().segments() == 1);
        }
    }
}
