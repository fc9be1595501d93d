package io.sluice.buffer;

import io.sluice.message.TopicFilter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What the buffer remembers beside the log, at most about a second old.
 *
 * <pre>
 *   4 bytes  'S' 'L' 'C' 'P'
 *   4 bytes  format version
 *   4 bytes  CRC-32C of the version's lowest byte, the size and the body
 *   4 bytes  size of the body in bytes; before version 3 not there, and the body ends with the file
 *   body     buffer id, sequence, start, end, end of orphans, how long they were held, openings, losses, consumers
 * </pre>
 *
 * @param bufferId the buffer it belongs to
 * @param sequence counts the checkpoints written; the highest one is the newest
 * @param start the first position the log was to hold: segments before it may be deleted already, or still be there
 * @param end the end of the log when it was written
 * @param orphans messages that may belong to consumers that were forgotten because checkpoints were damaged
 * @param openings which positions were given out when
 * @param losses what the log has lost
 * @param consumers who drains it
 */
record Checkpoint(
        UUID bufferId,
        long sequence,
        long start,
        long end,
        Orphans orphans,
        Openings openings,
        List<Gap> losses,
        List<ConsumerRecord> consumers) {

    static final int VERSION = 4;

    /** From this version on it says which attachment holds a lane. */
    private static final int HOLDERS_SINCE = 2;

    /** From this version on it says how long its body is, what was given out when, and counts attachments. */
    private static final int OPENINGS_SINCE = 3;

    /** From this version on it says what a consumer left in doubt. */
    private static final int DOUBT_SINCE = 4;

    private static final int MAGIC = 0x534C4350;
    private static final int CHECKED_AT = 3 * Integer.BYTES;

    /**
     * Messages that nobody known may need.
     *
     * @param end those before this position; 0 if there are none
     * @param heldMs how long they were kept, of the time that the buffer was open
     */
    record Orphans(long end, long heldMs) {

        static final Orphans NONE = new Orphans(0, 0);

        /** Those that are left in a log that begins at a position. */
        Orphans since(long start) {
            return start < end ? this : NONE;
        }
    }

    /** The next checkpoint, which differs in its consumers only. */
    Checkpoint with(List<ConsumerRecord> otherConsumers) {
        return new Checkpoint(bufferId, sequence + 1, start, end, orphans, openings, losses, otherConsumers);
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
                out.writeLong(opening.mark());
                out.writeLong(opening.from());
            }
            out.writeInt(losses.size());
            for (Gap loss : losses) {
                out.writeLong(loss.from());
                out.writeLong(loss.to());
                writeText(out, loss.cause());
            }
            out.writeInt(consumers.size());
            for (ConsumerRecord consumer : consumers) {
                write(out, consumer);
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

    private static void write(DataOutputStream out, ConsumerRecord consumer) throws IOException {
        writeText(out, consumer.name());
        out.writeInt(consumer.key().length);
        out.write(consumer.key());
        out.writeInt(consumer.filters().size());
        for (TopicFilter filter : consumer.filters()) {
            writeText(out, filter.toString());
        }
        writeText(out, consumer.ackMode().name());
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            out.writeLong(consumer.acknowledged().at(lane));
        }
        out.writeLong(consumer.lanesWithStoredOffsets().mask());
        out.writeLong(consumer.unattachedMs());
        out.writeInt(consumer.attachments());
        for (int holder : consumer.holders()) {
            out.writeInt(holder);
        }
        Doubt doubt = consumer.doubt();
        out.writeLong(doubt.until());
        out.writeLong(doubt.position());
        out.writeInt(doubt.part());
        out.writeInt(doubt.score());
        out.writeLong(doubt.refused().mask());
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static int checksum(int version, ByteBuffer checked) {
        CRC32C crc = new CRC32C();
        crc.update(version);
        crc.update(checked);
        return (int) crc.getValue();
    }

    /**
     * Reads a checkpoint; empty if it is damaged, was never completed, or is none.
     *
     * @throws BufferException if a newer version of Sluice wrote it
     */
    static Optional<Checkpoint> decode(ByteBuffer file) {
        if (file.remaining() < CHECKED_AT + Integer.BYTES || file.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        int version = file.getInt(Integer.BYTES);
        long size = version < OPENINGS_SINCE
                ? file.limit() - CHECKED_AT
                : Integer.BYTES + Integer.toUnsignedLong(file.getInt(CHECKED_AT));
        if (size > file.limit() - CHECKED_AT
                || file.getInt(2 * Integer.BYTES) != checksum(version, file.slice(CHECKED_AT, (int) size))) {
            return Optional.empty();
        }
        if (version > VERSION) {
            throw new BufferException("it has format version " + version + ", and this Sluice knows versions up to "
                    + VERSION + "; use the version of Sluice that wrote it, or a newer one");
        }
        int bodyAt = CHECKED_AT + (version < OPENINGS_SINCE ? 0 : Integer.BYTES);
        byte[] body = new byte[CHECKED_AT + (int) size - bodyAt];
        file.get(bodyAt, body);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(body))) {
            return Optional.of(read(in, version));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Checkpoint read(DataInputStream in, int version) throws IOException {
        UUID bufferId = new UUID(in.readLong(), in.readLong());
        long sequence = in.readLong();
        long start = in.readLong();
        long end = in.readLong();
        Orphans orphans = new Orphans(in.readLong(), version < OPENINGS_SINCE ? 0 : in.readLong());
        List<Openings.Opening> openings = new ArrayList<>();
        for (int left = version < OPENINGS_SINCE ? 0 : in.readInt(); left > 0; left--) {
            openings.add(new Openings.Opening(in.readLong(), in.readLong()));
        }
        List<Gap> losses = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            losses.add(new Gap(in.readLong(), in.readLong(), readText(in)));
        }
        List<ConsumerRecord> consumers = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            consumers.add(readConsumer(in, version));
        }
        return new Checkpoint(bufferId, sequence, start, end, orphans, new Openings(openings), losses, consumers);
    }

    private static ConsumerRecord readConsumer(DataInputStream in, int version) throws IOException {
        String name = readText(in);
        byte[] key = in.readNBytes(in.readInt());
        List<TopicFilter> filters = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            filters.add(TopicFilter.of(readText(in)));
        }
        AckMode ackMode = AckMode.valueOf(readText(in));
        long[] acknowledged = new long[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            acknowledged[lane] = in.readLong();
        }
        Lanes lanesWithStoredOffsets = new Lanes(in.readLong());
        long unattachedMs = in.readLong();
        int attachments = version < OPENINGS_SINCE ? 0 : in.readInt();
        int[] holders = new int[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT && version >= HOLDERS_SINCE; lane++) {
            holders[lane] = in.readInt();
        }
        Doubt doubt = version < DOUBT_SINCE
                ? Doubt.NONE
                : new Doubt(in.readLong(), in.readLong(), in.readInt(), in.readInt(), new Lanes(in.readLong()));
        return new ConsumerRecord(
                name,
                key,
                filters,
                ackMode,
                LanePositions.of(lane -> acknowledged[lane]),
                lanesWithStoredOffsets,
                unattachedMs,
                Math.max(attachments, Arrays.stream(holders).max().orElseThrow()),
                holders,
                doubt);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
