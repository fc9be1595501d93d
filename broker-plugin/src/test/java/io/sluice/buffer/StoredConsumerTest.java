package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.Checkpoint;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
import io.sluice.message.TopicFilter;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void of_an_older_version_it_is_read_and_what_that_did_not_know_is_empty(int version) throws Exception {
        assertThat(StoredConsumer.decode(List.of(new Checkpoint.StoredConsumers(version, ofVersion(version)))))
                .singleElement()
                .satisfies(consumer -> {
                    assertThat(consumer.name()).isEqualTo("c");
                    assertThat(consumer.acknowledged()).isEqualTo(LanePositions.all(7));
                    assertThat(consumer.unattachedMs()).isEqualTo(42);
                    assertThat(consumer.holders()).isEqualTo(version == 1 ? new int[Lanes.COUNT] : holders());
                    assertThat(consumer.attachments())
                            .isEqualTo(
                                    switch (version) {
                                        case 1 -> 0;
                                        case 2 -> 63_000;
                                        default -> 70_000;
                                    });
                    assertThat(consumer.doubts())
                            .isEqualTo(version < 4 ? Doubts.NONE : Doubts.NONE.with(Lanes.ALL, DOUBT));
                });
    }

    @Test
    void of_a_newer_version_they_are_refused_in_a_sentence() {
        assertThatThrownBy(() -> StoredConsumer.decode(List.of(new Checkpoint.StoredConsumers(99, new byte[4]))))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("format version 99");
    }

    private static byte[] ofVersion(int version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeInt(1);
        writeText(body, "c");
        body.writeInt(2);
        body.write(new byte[] {1, 2});
        body.writeInt(1);
        writeText(body, "a/#");
        writeText(body, "DELIVERED");
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            body.writeLong(7);
        }
        body.writeLong(-1);
        body.writeLong(42);
        if (version > 2) {
            body.writeInt(70_000);
        }
        for (int lane = 0; lane < Lanes.COUNT && version > 1; lane++) {
            body.writeInt(holders()[lane]);
        }
        if (version > 4) {
            body.writeInt(1);
            body.writeLong(-1);
        }
        if (version > 3) {
            body.writeLong(DOUBT.until());
            body.writeLong(DOUBT.position());
            body.writeInt(DOUBT.part());
            body.writeInt(DOUBT.score());
            body.writeLong(DOUBT.refused().mask());
        }
        return bytes.toByteArray();
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static int[] holders() {
        int[] holders = new int[Lanes.COUNT];
        Arrays.setAll(holders, lane -> lane * 1_000);
        return holders;
    }
}
