package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

    private static final byte[] CONSUMERS = {1, 2, 3, 4, 5};

    @Test
    void it_is_read_as_it_was_written() {
        assertThat(Checkpoint.decode(checkpoint().encode())).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertConsumers(read, 17);
            assertThat(read.orphans()).isEqualTo(checkpoint().orphans());
            assertThat(read.openings().all()).extracting(Openings.Opening::from).containsExactly(2L, 4L);
            assertThat(read.losses()).isEqualTo(checkpoint().losses());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void of_an_older_version_it_is_read_and_its_consumers_are_kept_as_that_version_wrote_them(int version)
            throws Exception {
        assertThat(Checkpoint.decode(ByteBuffer.wrap(ofVersion(version)))).hasValueSatisfying(read -> {
            assertThat(read.bufferId()).isEqualTo(checkpoint().bufferId());
            assertThat(read.end()).isEqualTo(5);
            assertThat(read.orphans()).isEqualTo(new Checkpoint.Orphans(4, version < 3 ? 0 : 1_000));
            assertThat(read.openings().all()).hasSize(version < 3 ? 0 : 1);
            assertThat(read.losses()).isEqualTo(checkpoint().losses());
            assertConsumers(read, version);

            Checkpoint again = Checkpoint.decode(read.encode()).orElseThrow();
            assertConsumers(again, version);
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

    private static void assertConsumers(Checkpoint read, int version) {
        assertThat(read.consumers()).singleElement().satisfies(part -> {
            assertThat(part.version()).isEqualTo(version);
            assertThat(part.bytes()).isEqualTo(CONSUMERS);
        });
    }

    private static byte[] ofVersion(int version) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        for (long number : new long[] {1, 2, 3, 4, 5, 4}) {
            body.writeLong(number);
        }
        if (version > 2) {
            body.writeLong(1_000);
            body.writeInt(1);
            body.writeLong(77);
            body.writeLong(4);
        }
        body.writeInt(1);
        body.writeLong(1);
        body.writeLong(2);
        body.writeInt(4);
        body.writeBytes("gone");
        if (version > 4) {
            body.writeInt(version);
        }
        body.write(CONSUMERS);
        ByteBuffer checked = ByteBuffer.allocate(bytes.size() + Integer.BYTES);
        if (version > 2) {
            checked.putInt(bytes.size());
        }
        checked.put(bytes.toByteArray()).flip();
        CRC32C crc = new CRC32C();
        crc.update(version);
        crc.update(checked.duplicate());
        byte[] file = new byte[12 + checked.limit()];
        ByteBuffer.wrap(file)
                .putInt(0x534C4350)
                .putInt(version)
                .putInt((int) crc.getValue())
                .put(checked);
        return file;
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
