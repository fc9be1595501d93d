package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.TopicFilter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class CheckpointTest {

    private static final int HOLDERS_BYTES = Lanes.COUNT * Integer.BYTES;

    @Test
    void it_is_read_as_it_was_written() {
        assertThat(Checkpoint.decode(checkpoint().encode())).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertThat(read.consumers()).singleElement().satisfies(consumer -> {
                assertThat(consumer.unattachedMs()).isEqualTo(42);
                assertThat(consumer.holders()).isEqualTo(holders());
            });
        });
    }

    @Test
    void of_version_1_nobody_knows_who_holds_a_lane() {
        byte[] bytes = checkpoint().encode().array();
        byte[] older = Arrays.copyOf(bytes, bytes.length - HOLDERS_BYTES);
        CRC32C crc = new CRC32C();
        crc.update(1);
        crc.update(older, 12, older.length - 12);
        ByteBuffer.wrap(older).putInt(4, 1).putInt(8, (int) crc.getValue());

        assertThat(Checkpoint.decode(ByteBuffer.wrap(older)))
                .hasValueSatisfying(read -> assertThat(read.consumers())
                        .singleElement()
                        .satisfies(consumer -> {
                            assertThat(consumer.unattachedMs()).isEqualTo(42);
                            assertThat(consumer.holders()).containsOnly(0);
                        }));
    }

    private static Checkpoint checkpoint() {
        ConsumerRecord consumer = new ConsumerRecord(
                "c",
                new byte[] {1, 2},
                List.of(TopicFilter.of("a/#")),
                AckMode.DELIVERED,
                LanePositions.all(7),
                Lanes.ALL,
                42,
                holders());
        return new Checkpoint(new UUID(1, 2), 3, 4, 5, 0, List.of(), List.of(consumer));
    }

    private static int[] holders() {
        int[] holders = new int[Lanes.COUNT];
        Arrays.setAll(holders, lane -> lane * 1_000);
        return holders;
    }
}
