package io.sluice.buffer.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.record.Gap;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CheckpointTest {

    private static final byte[] CONSUMERS = {1, 2, 3, 4, 5};

    @Test
    void it_is_read_as_it_was_written() {
        assertThat(Checkpoint.decode(checkpoint().encode())).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertThat(read.consumers()).singleElement().satisfies(part -> {
                assertThat(part.version()).isEqualTo(17);
                assertThat(part.bytes()).isEqualTo(CONSUMERS);
            });
            assertThat(read.orphans()).isEqualTo(checkpoint().orphans());
            assertThat(read.openings().all()).extracting(Openings.Opening::from).containsExactly(2L, 4L);
            assertThat(read.losses()).isEqualTo(checkpoint().losses());
        });
    }

    @Test
    void what_is_behind_it_in_its_file_does_not_matter_and_what_is_missing_does() {
        byte[] bytes = checkpoint().encode().array();
        assertThat(Checkpoint.decode(ByteBuffer.wrap(Arrays.copyOf(bytes, 1 << 16))))
                .isPresent();
        assertThat(Checkpoint.decode(ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length - 1))))
                .isEmpty();
    }

    private static Checkpoint checkpoint() {
        return new Checkpoint(
                new UUID(1, 2),
                3,
                4,
                5,
                new Checkpoint.Orphans(4, 1_000),
                Openings.NONE.next(2).next(4),
                List.of(new Gap(1, 2, "gone")),
                List.of(new Checkpoint.StoredConsumers(17, CONSUMERS)));
    }
}
