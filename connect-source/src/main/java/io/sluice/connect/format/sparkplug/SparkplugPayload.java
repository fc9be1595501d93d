package io.sluice.connect.format.sparkplug;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Reads payloads of Sparkplug B, also those in an envelope of compressed bytes, within bounds. */
public final class SparkplugPayload {

    /** What the {@code uuid} of an envelope is. */
    static final String COMPRESSED = "SPBV1.0_COMPRESSED";

    /** The metric of an envelope that says how its body is compressed. */
    private static final String ALGORITHM = "algorithm";

    /** What a payload may have when it is decompressed: as much as a message has at most by default, and more. */
    static final int MOST_BYTES = 4 << 20;

    /** Keeps nothing of fields that it does not know: few bytes of them would take much memory. */
    private static final Parser<Payload> PARSER = DiscardUnknownFieldsParser.wrap(Payload.parser());

    private SparkplugPayload() {}

    /**
     * Reads a payload.
     *
     * @throws UnmappableException if it is none, or is beyond the bounds
     */
    public static Payload read(ByteBuffer payload) throws UnmappableException {
        Payload read = parse(io.sluice.connect.format.Payload.bytes(payload));
        return read.getUuid().equals(COMPRESSED) ? parse(decompressed(read)) : read;
    }

    private static Payload parse(byte[] bytes) throws UnmappableException {
        try {
            PayloadBounds.check(bytes);
            return PARSER.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new UnmappableException("its payload is not one of Sparkplug B: " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
    }

    private static byte[] decompressed(Payload envelope) throws UnmappableException {
        String algorithm = envelope.getMetricsList().stream()
                .filter(metric -> metric.getName().equals(ALGORITHM))
                .findFirst()
                .map(Metric::getStringValue)
                .orElse("DEFLATE");
        try (InputStream in =
                open(algorithm, new ByteArrayInputStream(envelope.getBody().toByteArray()))) {
            byte[] bytes = in.readNBytes(MOST_BYTES);
            if (in.read() >= 0) {
                throw new UnmappableException(
                        "its payload would have more than " + MOST_BYTES + " bytes when it is decompressed");
            }
            return bytes;
        } catch (IOException e) {
            throw new UnmappableException("its payload is not compressed as it says, with " + algorithm);
        }
    }

    private static InputStream open(String algorithm, InputStream body) throws IOException, UnmappableException {
        return switch (algorithm.toUpperCase(Locale.ROOT)) {
            case "GZIP" -> new GZIPInputStream(body);
            case "DEFLATE" -> new InflaterInputStream(body);
            default ->
                throw new UnmappableException(
                        "its payload is compressed with an algorithm other than GZIP and DEFLATE, those of Sparkplug B");
        };
    }
}
