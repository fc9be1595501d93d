package io.sluice.buffer;

import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.Checkpoint;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
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

/**
 * What is persisted of a consumer.
 *
 * @param key under which its attachments' marks are authenticated
 * @param acknowledged by lane, the last position it has acknowledged, or the one before it registered
 * @param unattachedMs how long it was not attached while the buffer was open
 * @param attachments how many attachments were numbered
 * @param holders by lane, the number of the newest attachment that was given the lane; 0 if none was
 * @param doubts what its attachments left in doubt
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and shared within this package only
record StoredConsumer(
        String name,
        byte[] key,
        List<TopicFilter> filters,
        AckMode ackMode,
        LanePositions acknowledged,
        Lanes lanesWithStoredOffsets,
        long unattachedMs,
        int attachments,
        int[] holders,
        Doubts doubts) {

    /** Of the layout. Up to version 4 it was the checkpoint's own. */
    private static final int VERSION = 5;

    /** Positions, offsets, time, attachments and holders: written at once, since each checkpoint holds all consumers. */
    private static final int NUMBERS_BYTES = (Lanes.COUNT + 2) * Long.BYTES + (1 + Lanes.COUNT) * Integer.BYTES;

    /** From this version on it says which attachment holds a lane. */
    private static final int HOLDERS_SINCE = 2;

    /** From this version on attachments are counted. */
    private static final int ATTACHMENTS_SINCE = 3;

    /** From this version on it says what a consumer left in doubt. */
    private static final int DOUBT_SINCE = 4;

    /** From this version on it says so for each set of lanes. */
    private static final int DOUBTS_SINCE = 5;

    /** What a checkpoint holds of consumers. */
    static Checkpoint.StoredConsumers encode(List<StoredConsumer> consumers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(consumers.size());
            for (StoredConsumer consumer : consumers) {
                consumer.write(out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
        return new Checkpoint.StoredConsumers(VERSION, bytes.toByteArray());
    }

    /** @throws BufferException if a newer version of Sluice wrote them */
    static List<StoredConsumer> decode(Checkpoint.StoredConsumers saved) {
        if (saved.version() > VERSION) {
            throw new BufferException("the checkpoint's consumers have format version " + saved.version()
                    + ", and this Sluice knows versions up to " + VERSION
                    + "; use the version of Sluice that wrote it, or a newer one");
        }
        List<StoredConsumer> consumers = new ArrayList<>();
        if (saved.bytes().length > 0) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved.bytes()))) {
                for (int left = in.readInt(); left > 0; left--) {
                    consumers.add(read(in, saved.version()));
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new BufferException("the checkpoint's consumers cannot be read: " + e, e);
            }
        }
        return consumers;
    }

    private void write(DataOutputStream out) throws IOException {
        writeText(out, name);
        out.writeInt(key.length);
        out.write(key);
        out.writeInt(filters.size());
        for (TopicFilter filter : filters) {
            writeText(out, filter.toString());
        }
        writeText(out, ackMode.name());
        ByteBuffer numbers = ByteBuffer.allocate(NUMBERS_BYTES);
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            numbers.putLong(acknowledged.at(lane));
        }
        numbers.putLong(lanesWithStoredOffsets.mask()).putLong(unattachedMs).putInt(attachments);
        for (int holder : holders) {
            numbers.putInt(holder);
        }
        out.write(numbers.array());
        out.writeInt(doubts.left().size());
        for (Doubts.Left left : doubts.left()) {
            out.writeLong(left.lanes().mask());
            Doubt doubt = left.doubt();
            out.writeLong(doubt.until());
            out.writeLong(doubt.position());
            out.writeInt(doubt.part());
            out.writeInt(doubt.score());
            out.writeLong(doubt.refused().mask());
        }
    }

    private static StoredConsumer read(DataInputStream in, int version) throws IOException {
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
        int attachments = version < ATTACHMENTS_SINCE ? 0 : in.readInt();
        int[] holders = new int[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT && version >= HOLDERS_SINCE; lane++) {
            holders[lane] = in.readInt();
        }
        Doubts doubts = Doubts.NONE;
        int left = version < DOUBT_SINCE ? 0 : version < DOUBTS_SINCE ? 1 : in.readInt();
        for (; left > 0; left--) {
            Lanes lanes = version < DOUBTS_SINCE ? Lanes.ALL : new Lanes(in.readLong());
            doubts = doubts.with(
                    lanes,
                    new Doubt(in.readLong(), in.readLong(), in.readInt(), in.readInt(), new Lanes(in.readLong())));
        }
        return new StoredConsumer(
                name,
                key,
                filters,
                ackMode,
                LanePositions.of(lane -> acknowledged[lane]),
                lanesWithStoredOffsets,
                unattachedMs,
                Math.max(attachments, Arrays.stream(holders).max().orElseThrow()),
                holders,
                doubts);
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
