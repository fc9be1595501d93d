package io.sluice.buffer.recovery;

import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.file.FaultyFolder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that are damaged, missing, or of another format. */
@Timeout(120)
class LostCheckpointTest extends DamagedFolder {

    @Test
    void a_damaged_checkpoint_costs_nothing_that_an_older_one_knows() throws Exception {
        for (String name : Checkpoints.NAMES) {
            for (int at = 0; at < 1_200; at += 13) {
                write_several_segments();
                disk.get(name)[at] ^= 0x10;
                assertAllDelivered();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void a_checkpoint_of_another_format_is_refused(int versions) {
        byte[] newest = disk.get(Checkpoints.NAMES.get(0));
        newest[7] = (byte) (Checkpoint.VERSION + versions);
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(newest[7]);
        crc.update(newest, 12, 4 + ByteBuffer.wrap(newest).getInt(12));
        ByteBuffer.wrap(newest).putInt(8, (int) crc.getValue());
        assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(disk)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(Checkpoints.NAMES.get(0))
                .hasMessageContaining("format version " + newest[7]);
    }

    @Test
    void without_any_checkpoint_nothing_is_dropped_and_whoever_attaches_begins_at_the_start() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        FaultyFolder storage = new FaultyFolder(disk);
        TestMessages.open(CONFIG, storage).close();
        disk = storage.current();
        assertAllDelivered();
    }

    @Test
    void without_any_checkpoint_everybody_has_time_to_come_back_not_only_the_first() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment first = attach(buffer, spec("c"))) {
            assertThat(readNow(first).messages()).hasSize(COUNT);
            first.acknowledge(LanePositions.all(COUNT - 1));
            await().during(Duration.ofMillis(1_500)).until(() -> buffer.stats().start() == 0);
            try (Attachment second = attach(buffer, spec("d"))) {
                assertThat(readNow(second).messages()).hasSize(COUNT);
            }
        }
    }

    @Test
    void what_may_belong_to_somebody_unknown_is_dropped_before_a_message_finds_no_space() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        BufferConfig small =
                new BufferConfig(Optional.empty(), 8192, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(small, new FaultyFolder(disk));
                Attachment first = attach(buffer, spec("c"))) {
            assertThat(readNow(first).messages()).hasSize(COUNT);
            first.acknowledge(LanePositions.all(COUNT - 1));
            appendAll(buffer, numbered(60));
            assertThat(TestMessages.read(first, 60)).hasSize(60);
        }
    }
}
