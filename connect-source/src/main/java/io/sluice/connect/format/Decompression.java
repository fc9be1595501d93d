package io.sluice.connect.format;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** How payloads are compressed when they arrive. */
public enum Decompression {
    /** Not at all, or the route leaves that alone. */
    NONE,
    /** RFC 1952. */
    GZIP,
    /** RFC 8878. */
    ZSTD,
    /** As the first bytes of a payload say: gzip, zstd, or not at all. */
    AUTO;

    /** Of zstd, as a power of 2 in bytes: what its levels below the highest use. */
    private static final int LARGEST_WINDOW_LOG = 23;

    /**
     * The payload as it was before it was compressed; an empty one stays so. Takes no more memory than a few times
     * {@code maxBytes}, whatever the payload would become.
     *
     * @throws UnmappableException if it is not compressed so, or would be larger than that
     */
    public ByteBuffer of(ByteBuffer payload, int maxBytes) throws UnmappableException {
        Decompression how = this == AUTO ? of(payload) : this;
        if (how == NONE || !payload.hasRemaining()) {
            return payload;
        }
        byte[] bytes;
        try (InputStream stream = how.open(new ByteArrayInputStream(Payload.bytes(payload)))) {
            bytes = stream.readNBytes(maxBytes);
            if (stream.read() >= 0) {
                throw new UnmappableException(
                        "its payload would be larger than record.max.bytes " + maxBytes + " when it is decompressed");
            }
        } catch (LinkageError e) {
            throw new UnmappableException(
                    "this worker cannot decompress " + how.name().toLowerCase(Locale.ROOT) + ": " + e);
        } catch (IOException e) {
            throw new UnmappableException("its payload is not compressed as payload.decompress says");
        }
        return ByteBuffer.wrap(bytes);
    }

    private static Decompression of(ByteBuffer payload) {
        return begins(payload, 0x1F, 0x8B) ? GZIP : begins(payload, 0x28, 0xB5, 0x2F, 0xFD) ? ZSTD : NONE;
    }

    private InputStream open(InputStream compressed) throws IOException {
        return this == GZIP
                ? new GZIPInputStream(compressed)
                : new ZstdInputStream(compressed).setLongMax(LARGEST_WINDOW_LOG);
    }

    private static boolean begins(ByteBuffer payload, int... with) {
        for (int i = 0; i < with.length; i++) {
            if (payload.remaining() <= i || Byte.toUnsignedInt(payload.get(payload.position() + i)) != with[i]) {
                return false;
            }
        }
        return true;
    }
}
