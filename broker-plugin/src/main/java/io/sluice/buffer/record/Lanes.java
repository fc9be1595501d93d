package io.sluice.buffer.record;

import io.sluice.message.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * A set of lanes. A buffer has 64 of them for ever; all messages of a client are in one lane, and a lane is drained in
 * order.
 *
 * @param mask bit n is set if lane n is in the set
 */
public record Lanes(long mask) {

    public static final int COUNT = 64;
    public static final Lanes ALL = new Lanes(-1L);
    public static final Lanes NONE = new Lanes(0L);

    /** The lane of a client's messages: the CRC-32C of its UTF-8 identifier, modulo {@link #COUNT}. */
    public static int of(String clientId) {
        return of(clientId.getBytes(StandardCharsets.UTF_8), new CRC32C());
    }

    /** The lanes of some messages: mostly one, since whoever appends several has them of one client. */
    public static Lanes of(List<Message> messages) {
        Lanes lanes = NONE;
        String known = "";
        for (Message message : messages) {
            if (lanes.equals(NONE) || !message.clientId().equals(known)) {
                known = message.clientId();
                lanes = lanes.with(of(known));
            }
        }
        return lanes;
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

    public boolean contains(int lane) {
        return (mask >>> lane & 1) != 0;
    }

    public Lanes with(int lane) {
        return new Lanes(mask | 1L << lane);
    }

    public Lanes and(Lanes other) {
        return new Lanes(mask & other.mask);
    }

    public Lanes or(Lanes other) {
        return new Lanes(mask | other.mask);
    }

    public Lanes without(Lanes other) {
        return new Lanes(mask & ~other.mask);
    }

    public boolean intersects(Lanes other) {
        return (mask & other.mask) != 0;
    }
}
