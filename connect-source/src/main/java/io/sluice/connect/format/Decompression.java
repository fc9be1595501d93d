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
    NONE {
        @Override
        InputStream open(InputStream compressed) {
            return compressed;
        }

        @Override
        public ByteBuffer of(ByteBuffer payload, int maxBytes) {
            return payload;
        }
    },
    /** RFC 1952. */
    GZIP {
        @Override
        InputStream open(InputStream compressed) throws IOException {
            return new GZIPInputStream(compressed);
        }
    },
    /** RFC 8878. */
    ZSTD {
        @Override
        InputStream open(InputStream compressed) throws IOException {
            ZstdInputStream stream = new ZstdInputStream(compressed);
            stream.setLongMax(LARGEST_WINDOW_LOG);
            return stream;
        }
    },
    /** As the first bytes of a payload say: gzip, zstd, or not at all. */
    AUTO {
        @Override
        InputStream open(InputStream compressed) {
            return compressed;
        }

        @Override
        public ByteBuffer of(ByteBuffer payload, int maxBytes) throws UnmappableException {
            if (begins(payload, 0x1F, 0x8B)) {
                return GZIP.of(payload, maxBytes);
            }
            return begins(payload, 0x28, 0xB5, 0x2F, 0xFD) ? ZSTD.of(payload, maxBytes) : payload;
        }
    };

    /** Of zstd, as a power of 2 in bytes: what its levels below the highest use. */
    private static final int LARGEST_WINDOW_LOG = 23;

    abstract InputStream open(InputStream compressed) throws IOException;

    /**
     * The payload as it was before it was compressed; an empty one stays so. Takes no more memory than a few times {@code maxBytes}, whatever the
     * payload would become.
     *
     * @throws UnmappableException if it is not compressed so, or would be larger than that
     */
    public ByteBuffer of(ByteBuffer payload, int maxBytes) throws UnmappableException {
        if (!payload.hasRemaining()) {
            return payload;
        }
        byte[] bytes;
        try (InputStream stream = open(new ByteArrayInputStream(Payload.bytes(payload)))) {
            bytes = stream.readNBytes(maxBytes);
            if (stream.read() >= 0) {
                throw new UnmappableException(
                        "its payload would be larger than record.max.bytes " + maxBytes + " when it is decompressed");
            }
        } catch (LinkageError e) {
            throw new UnmappableException(
                    "this worker cannot decompress " + name().toLowerCase(Locale.ROOT) + ": " + e);
        } catch (IOException e) {
            throw new UnmappableException("its payload is not compressed as payload.decompress says");
        }
        return ByteBuffer.wrap(bytes);
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
