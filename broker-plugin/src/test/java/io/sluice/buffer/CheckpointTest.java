package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.TopicFilter;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

    private static final int DOUBT_BYTES = 3 * Long.BYTES + 2 * Integer.BYTES;
    private static final Doubt DOUBT = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));

    @Test
    void it_is_read_as_it_was_written() {
        assertThat(Checkpoint.decode(checkpoint().encode())).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertThat(read.consumers()).singleElement().satisfies(consumer -> {
                assertThat(consumer.unattachedMs()).isEqualTo(42);
                assertThat(consumer.attachments()).isEqualTo(70_000);
                assertThat(consumer.holders()).isEqualTo(holders());
                assertThat(consumer.doubt()).isEqualTo(DOUBT);
            });
            assertThat(read.orphans()).isEqualTo(checkpoint().orphans());
            assertThat(read.openings().all()).extracting(Openings.Opening::from).containsExactly(2L, 4L);
            assertThat(read.losses()).isEqualTo(checkpoint().losses());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void of_an_older_version_it_is_read_and_what_that_did_not_know_is_empty(int version) throws Exception {
        assertThat(Checkpoint.decode(ByteBuffer.wrap(ofVersion(version)))).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertThat(read.end()).isEqualTo(5);
            assertThat(read.orphans()).isEqualTo(new Checkpoint.Orphans(4, 0));
            assertThat(read.openings()).isEqualTo(Openings.NONE);
            assertThat(read.losses()).isEqualTo(checkpoint().losses());
            assertThat(read.consumers()).singleElement().satisfies(consumer -> {
                assertThat(consumer.name()).isEqualTo("c");
                assertThat(consumer.unattachedMs()).isEqualTo(42);
                assertThat(consumer.holders()).isEqualTo(version == 1 ? new int[Lanes.COUNT] : holders());
                assertThat(consumer.attachments()).isEqualTo(version == 1 ? 0 : 63_000);
                assertThat(consumer.doubt()).isEqualTo(Doubt.NONE);
            });
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

    private static byte[] ofVersion(int version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        for (long number : new long[] {1, 2, 3, 4, 5, 4}) {
            body.writeLong(number);
        }
        body.writeInt(1);
        body.writeLong(1);
        body.writeLong(2);
        writeText(body, "gone");
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
        for (int lane = 0; lane < Lanes.COUNT && version > 1; lane++) {
            body.writeInt(holders()[lane]);
        }
        CRC32C crc = new CRC32C();
        crc.update(version);
        crc.update(bytes.toByteArray());
        return ByteBuffer.allocate(12 + bytes.size())
                .putInt(0x534C4350)
                .putInt(version)
                .putInt((int) crc.getValue())
                .put(bytes.toByteArray())
                .array();
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The latest version without what is in doubt, which is all that the newest version added. */
    @Test
    void of_version_3_nothing_is_in_doubt() {
        byte[] newest = checkpoint().encode().array();
        int size = newest.length - DOUBT_BYTES - 16;
        ByteBuffer file = ByteBuffer.wrap(Arrays.copyOf(newest, 16 + size));
        CRC32C crc = new CRC32C();
        crc.update(3);
        file.putInt(4, 3).putInt(12, size);
        crc.update(file.slice(12, Integer.BYTES + size));
        file.putInt(8, (int) crc.getValue());

        assertThat(Checkpoint.decode(file))
                .hasValueSatisfying(read -> assertThat(read.consumers())
                        .singleElement()
                        .satisfies(consumer -> {
                            assertThat(consumer.attachments()).isEqualTo(70_000);
                            assertThat(consumer.holders()).isEqualTo(holders());
                            assertThat(consumer.doubt()).isEqualTo(Doubt.NONE);
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
                70_000,
                holders(),
                DOUBT);
        return new Checkpoint(
                new UUID(1, 2),
                3,
                4,
                5,
                new Checkpoint.Orphans(4, 1_000),
                Openings.NONE.next(2).next(4),
                List.of(new Gap(1, 2, "gone")),
                List.of(consumer));
    }

    private static int[] holders() {
        int[] holders = new int[Lanes.COUNT];
        Arrays.setAll(holders, lane -> lane * 1_000);
        return holders;
    }
}
