package io.sluice.buffer.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.consumer.StoredConsumer;
import io.sluice.buffer.log.Drops;
import io.sluice.buffer.recovery.Checkpoint.StoredConsumers;
import io.sluice.file.CountedFolder;
import io.sluice.file.FaultyFolder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A buffer that another version of Sluice has left. */
class OtherVersionTest {

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
}
