package io.sluice.connect.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecompressionTest {

    private static final byte[] TEXT = "21.5 degrees, 21.5 degrees, 21.5 degrees".getBytes(UTF_8);

    @Test
    void what_was_compressed_is_as_it_was() throws Exception {
        assertThat(bytes(Decompression.GZIP, gzip(TEXT))).isEqualTo(TEXT);
        assertThat(bytes(Decompression.ZSTD, Zstd.compress(TEXT))).isEqualTo(TEXT);
        assertThat(bytes(Decompression.NONE, TEXT)).isEqualTo(TEXT);
    }

    @Test
    void auto_goes_by_the_first_bytes() throws Exception {
        assertThat(bytes(Decompression.AUTO, gzip(TEXT))).isEqualTo(TEXT);
        assertThat(bytes(Decompression.AUTO, Zstd.compress(TEXT))).isEqualTo(TEXT);
        assertThat(bytes(Decompression.AUTO, TEXT)).isEqualTo(TEXT);
        assertThat(bytes(Decompression.AUTO, new byte[] {0x1F})).isEqualTo(new byte[] {0x1F});
        assertThat(bytes(Decompression.AUTO, new byte[0])).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD"})
    void what_is_not_compressed_so_cannot_be_mapped(Decompression decompression) {
        for (byte[] payload : new byte[][] {TEXT, {0x1F, (byte) 0x8B, 8}, {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 1}}) {
            assertThatThrownBy(() -> bytes(decompression, payload))
                    .isInstanceOf(UnmappableException.class)
                    .hasMessage("its payload is not compressed as payload.decompress says");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD", "AUTO"})
    void a_bomb_is_not_set_off(Decompression decompression) throws Exception {
        byte[] zeros = new byte[100_000_000];
        byte[] bomb = decompression == Decompression.ZSTD ? Zstd.compress(zeros) : gzip(zeros);

        assertThatThrownBy(() -> bytes(decompression, bomb))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("larger than record.max.bytes 1000 when it is decompressed");
    }

    private static byte[] bytes(Decompression decompression, byte[] payload) throws UnmappableException {
        return Payload.bytes(decompression.of(ByteBuffer.wrap(payload), 1_000));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(compressed)) {
            stream.write(bytes);
        }
        return compressed.toByteArray();
    }
}
