package io.sluice.buffer.log;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * A set of lanes. A buffer has 64 of them for ever; all messages of a client are in one lane, and a lane is drained in
 * order.
 *
 * @param mask bit n is set if lane n is in the set
 */
public record Lanes(long mask) {

    /** How many lanes a buffer has. */
    public static final int COUNT = 64;

    /** Every lane. */
    public static final Lanes ALL = new Lanes(-1L);

    /** No lane. */
    public static final Lanes NONE = new Lanes(0L);

    /** The lane of a client's messages: the CRC-32C of its UTF-8 identifier, modulo {@link #COUNT}. */
    public static int of(String clientId) {
        return of(clientId.getBytes(StandardCharsets.UTF_8), new CRC32C());
    }

    static int of(byte[] clientId, CRC32C crc) {
        crc.reset();
        crc.update(clientId);
        return (int) (crc.getValue() % COUNT);
    }

    /** The numbers of the lanes in the set, 0 to 63, rising. */
    public IntStream stream() {
        return IntStream.range(0, COUNT).filter(this::contains);
    }

    /** Whether a lane is in the set. */
    public boolean contains(int lane) {
        return (mask >>> lane & 1) != 0;
    }

    /** This set and one lane more. */
    public Lanes with(int lane) {
        return new Lanes(mask | 1L << lane);
    }

    /** The lanes that are in both sets. */
    public Lanes and(Lanes other) {
        return new Lanes(mask & other.mask);
    }

    /** The lanes that are in one of the sets, or in both. */
    public Lanes or(Lanes other) {
        return new Lanes(mask | other.mask);
    }

    /** The lanes of this set that are not in the other one. */
    public Lanes without(Lanes other) {
        return new Lanes(mask & ~other.mask);
    }

    /** Whether the two sets share a lane. */
    public boolean intersects(Lanes other) {
        return (mask & other.mask) != 0;
    }
}
