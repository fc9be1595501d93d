package io.sluice.buffer.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.StoredConsumer;
import io.sluice.buffer.log.Drops;
import io.sluice.buffer.recovery.Checkpoint.StoredConsumers;
import io.sluice.file.CountedFolder;
import io.sluice.file.FaultyFolder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A buffer that another version of Sluice has left. */
class OtherVersionTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7));

    @Test
    void consumers_of_another_version_are_refused_before_anything_is_written_and_leave_no_file_open() throws Exception {
        FaultyFolder disk = new FaultyFolder(Map.of());
        Checkpoints.begin(
                disk,
                Optional.empty(),
                new Checkpoint(
                        new UUID(1, 2),
                        1,
                        0,
                        0,
                        Checkpoint.Orphans.NONE,
                        Openings.NONE,
                        List.of(),
                        List.of(new StoredConsumers(99, new byte[4]))));
        Map<String, byte[]> before = disk.current();
        CountedFolder counted = new CountedFolder(disk);

        assertThatThrownBy(() -> Recovery.run(counted, new Drops(), StoredConsumer::merge))
                .hasMessageContaining("the checkpoint's consumers have format version 99");

        assertThat(counted.openFiles()).isZero();
        assertThat(disk.current()).usingRecursiveComparison().isEqualTo(before);
    }

    /** One that was killed while it wrote, with births: each step of recovery would change something. */
    @Test
    void nothing_is_recovered_of_a_buffer_that_is_refused() throws Exception {
        FaultyFolder disk = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, disk);
                Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"))) {
            TestMessages.append(buffer, TestMessages.message("node", "spBv1.0/g/NBIRTH/n", "born"))
                    .awaitSafe();
            assertThat(TestMessages.read(consumer, 1)).hasSize(1);
        }
        Map<String, byte[]> files = new TreeMap<>(disk.safe());
        Checkpoint known = Checkpoints.read(new FaultyFolder(files), List.copyOf(files.keySet()))
                .newest()
                .orElseThrow();
        FaultyFolder newer = new FaultyFolder(files);
        List<StoredConsumers> parts = known.consumers().stream()
                .map(part -> new StoredConsumers(99, part.bytes()))
                .toList();
        Checkpoints.write(newer, known.with(parts));
        Checkpoints.write(newer, known.with(parts).with(parts));
        files = new TreeMap<>(newer.safe());
        String last = files.keySet().stream()
                .filter(name -> name.endsWith(".log"))
                .reduce((one, other) -> other)
                .orElseThrow();
        files.put(last, Arrays.copyOf(files.get(last), files.get(last).length + 100));
        FaultyFolder found = new FaultyFolder(files);
        CountedFolder counted = new CountedFolder(found);

        assertThatThrownBy(() -> Recovery.run(counted, new Drops(), StoredConsumer::merge))
                .hasMessageContaining("format version 99");

        assertThat(counted.openFiles()).isZero();
        assertThat(found.current()).usingRecursiveComparison().isEqualTo(files);
    }
}
