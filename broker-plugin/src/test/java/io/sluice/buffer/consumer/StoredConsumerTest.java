package io.sluice.buffer.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.message.TopicFilter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredConsumerTest {

    private static final Doubt DOUBT = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
    private static final Doubts DOUBTS =
            Doubts.NONE.with(new Lanes(1), DOUBT).with(new Lanes(6), new Doubt(7, -1, 0, 0, Lanes.NONE));

    @Test
    void it_is_read_as_it_was_written() {
        StoredConsumer consumer = new StoredConsumer(
                "c",
                new byte[] {1, 2},
                List.of(TopicFilter.of("a/#")),
                AckMode.DELIVERED,
                LanePositions.all(7),
                Lanes.ALL,
                42,
                70_000,
                holders(),
                DOUBTS);
        assertThat(StoredConsumer.decode(List.of(StoredConsumer.encode(List.of(consumer), List.of()))))
                .singleElement()
                .usingRecursiveComparison()
                .isEqualTo(consumer);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 99})
    void of_another_version_they_are_refused_in_a_sentence(int version) {
        assertThatThrownBy(() -> StoredConsumer.decode(List.of(new Checkpoint.StoredConsumers(version, new byte[4]))))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("format version " + version);
    }

    private static int[] holders() {
        int[] holders = new int[Lanes.COUNT];
        Arrays.setAll(holders, lane -> lane * 1_000);
        return holders;
    }
}
