package io.sluice.buffer.recovery;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.StoredText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * What the buffer remembers beside the log, at most about a second old.
 *
 * <p>A file begins with a checkpoint that holds all consumers. Others may stand behind it, each with a higher
 * sequence, that hold only the consumers that have changed since the one before. "Byte format" in
 * {@code assembly/docs/design.md} shows each byte.
 *
 * @param sequence counts the checkpoints written; the highest one is the newest
 * @param start the first position the log was to hold: segments before it may be deleted already, or still be there
 * @param end the end of the log when it was written
 * @param orphans messages that may belong to consumers that were forgotten because checkpoints were damaged
 * @param consumers who drains the log: all, and then those who have changed, as often as they have
 */
public record Checkpoint(
        UUID bufferId,
        long sequence,
        long start,
        long end,
        Orphans orphans,
        Openings openings,
        List<Gap> losses,
        List<StoredConsumers> consumers) {

    static final int VERSION = 6;

    private static final int MAGIC = 0x534C4350;
    private static final int CHECKED_AT = 3 * Integer.BYTES;

    /**
     * Messages that nobody known may need.
     *
     * @param end those before this position; 0 if there are none
     * @param heldMs how long they were kept, of the time that the buffer was open
     */
    public record Orphans(long end, long heldMs) {

        public static final Orphans NONE = new Orphans(0, 0);

        /** Those that are left in a log that begins at a position. */
        public Orphans since(long start) {
            return start < end ? this : NONE;
        }
    }

    /**
     * Consumers, as whoever knows them has written them.
     *
     * @param version of their layout
     * @param bytes not to be changed; none if nobody is known
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record StoredConsumers(int version, byte[] bytes) {}

    /** The next checkpoint, which differs in its consumers only. */
    public Checkpoint with(List<StoredConsumers> otherConsumers) {
        return new Checkpoint(bufferId, sequence + 1, start, end, orphans, openings, losses, otherConsumers);
    }

    /** What is remembered when this one, which holds changes only, follows another one. */
    Checkpoint after(Checkpoint before) {
        List<StoredConsumers> parts =
                Stream.concat(before.consumers.stream(), consumers.stream()).toList();
        return new Checkpoint(bufferId, sequence, start, end, orphans, openings, losses, parts);
    }

    ByteBuffer encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(bufferId.getMostSignificantBits());
            out.writeLong(bufferId.getLeastSignificantBits());
            out.writeLong(sequence);
            out.writeLong(start);
            out.writeLong(end);
            out.writeLong(orphans.end());
            out.writeLong(orphans.heldMs());
            out.writeInt(openings.all().size());
            for (Openings.Opening opening : openings.all()) {
                out.writeLong(opening.id());
                out.writeLong(opening.from());
            }
            out.writeInt(losses.size());
            for (Gap loss : losses) {
                out.writeLong(loss.from());
                out.writeLong(loss.to());
                StoredText.write(out, loss.cause());
            }
            out.writeInt(consumers.size());
            for (StoredConsumers part : consumers) {
                out.writeInt(part.version());
                out.writeInt(part.bytes().length);
                out.write(part.bytes());
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
        byte[] body = bytes.toByteArray();
        ByteBuffer out = ByteBuffer.allocate(CHECKED_AT + Integer.BYTES + body.length)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(0)
                .putInt(body.length)
                .put(body)
                .flip();
        return out.putInt(2 * Integer.BYTES, checksum(VERSION, out.slice(CHECKED_AT, out.limit() - CHECKED_AT)));
    }

    private static int checksum(int version, ByteBuffer checked) {
        CRC32C crc = new CRC32C();
        crc.update(version);
        crc.update(checked);
        return (int) crc.getValue();
    }

    /** Whether something begins here that is a checkpoint, intact or not. */
    static boolean isBegun(ByteBuffer file) {
        return file.remaining() >= Integer.BYTES && file.getInt(file.position()) == MAGIC;
    }

    /**
     * Reads a checkpoint, and steps over it; empty if it is damaged, was never completed, or is none.
     *
     * @throws BufferException if another version of Sluice wrote it
     */
    static Optional<Checkpoint> decode(ByteBuffer file) {
        ByteBuffer in = file.slice();
        if (!isBegun(in) || in.limit() < CHECKED_AT + Integer.BYTES) {
            return Optional.empty();
        }
        int version = in.getInt(Integer.BYTES);
        long size = Integer.BYTES + Integer.toUnsignedLong(in.getInt(CHECKED_AT));
        if (size > in.limit() - CHECKED_AT
                || in.getInt(2 * Integer.BYTES) != checksum(version, in.slice(CHECKED_AT, (int) size))) {
            return Optional.empty();
        }
        if (version != VERSION) {
            throw BufferException.ofVersion("it has format version", version, VERSION);
        }
        byte[] body = new byte[(int) size - Integer.BYTES];
        in.get(CHECKED_AT + Integer.BYTES, body);
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(body))) {
            Checkpoint read = read(data);
            file.position(file.position() + CHECKED_AT + (int) size);
            return Optional.of(read);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Checkpoint read(DataInputStream in) throws IOException {
        UUID bufferId = new UUID(in.readLong(), in.readLong());
        long sequence = in.readLong();
        long start = in.readLong();
        long end = in.readLong();
        Orphans orphans = new Orphans(in.readLong(), in.readLong());
        List<Openings.Opening> openings = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            openings.add(new Openings.Opening(in.readLong(), in.readLong()));
        }
        List<Gap> losses = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            losses.add(new Gap(in.readLong(), in.readLong(), StoredText.read(in)));
        }
        List<StoredConsumers> consumers = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            consumers.add(new StoredConsumers(in.readInt(), in.readNBytes(in.readInt())));
        }
        return new Checkpoint(bufferId, sequence, start, end, orphans, new Openings(openings), losses, consumers);
    }
}
