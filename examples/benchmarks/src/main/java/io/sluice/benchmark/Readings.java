package io.sluice.benchmark;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * What a payload holds behind its stamp: readings in JSON, with other digits in each message. A payload of zeros, or the same
 * each time, would flatter compression, and random bytes would do it wrong. Not thread-safe.
 */
final class Readings {

    private static final String PATTERN =
            "\"temperature\":##.##,\"humidity\":##.##,\"pressure\":####.#,\"voltage\":#.###,\"rssi\":-##,";

    private final byte[] text;
    private final int[] digits;
    private long random;

    /**
     * So many bytes of readings.
     *
     * @param seed what their digits begin with
     */
    Readings(int bytes, long seed) {
        String repeated = PATTERN.repeat(1 + bytes / PATTERN.length()).substring(0, bytes);
        this.text = repeated.getBytes(StandardCharsets.US_ASCII);
        this.digits = IntStream.range(0, bytes)
                .filter(at -> repeated.charAt(at) == '#')
                .toArray();
        this.random = seed;
    }

    /** Writes the next ones. */
    void write(ByteBuffer out) {
        for (int at : digits) {
            random = random * 6364136223846793005L + 1442695040888963407L; // Knuth's, of which the high bits are good
            text[at] = (byte) ('0' + (int) ((random >>> 33) % 10));
        }
        out.put(text);
    }
}
