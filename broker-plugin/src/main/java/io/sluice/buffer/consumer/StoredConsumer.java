package io.sluice.buffer.consumer;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.StoredText;
import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.message.TopicFilter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is persisted of a consumer.
 *
 * @param key under which its attachments' marks are authenticated
 * @param acknowledged by lane, the last position it has acknowledged, or the one before it registered
 * @param unattachedMs how long it was not attached while the buffer was open
 * @param attachments how many attachments were numbered
 * @param holders by lane, the number of the newest attachment that was given the lane; 0 if none was
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and shared within the buffer only
public record StoredConsumer(
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

    private static final int VERSION = 6;

    /** Positions, offsets, time, attachments and holders. */
    private static final int NUMBERS_BYTES = (Lanes.COUNT + 2) * Long.BYTES + (1 + Lanes.COUNT) * Integer.BYTES;

    /** A checkpoint's part of some consumers, and of the names that were forgotten. */
    public static Checkpoint.StoredConsumers encode(
            Collection<StoredConsumer> consumers, Collection<String> forgotten) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(consumers.size());
            for (StoredConsumer consumer : consumers) {
                consumer.write(out);
            }
            out.writeInt(forgotten.size());
            for (String name : forgotten) {
                StoredText.write(out, name);
            }
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail", e);
        }
        return new Checkpoint.StoredConsumers(VERSION, bytes.toByteArray());
    }

    /**
     * The same consumers in one part, if there are several.
     *
     * @throws BufferException if another version of Sluice wrote one of them, also if it is the only one: a folder that cannot
     *     be opened is left as it is
     */
    public static List<Checkpoint.StoredConsumers> merge(List<Checkpoint.StoredConsumers> parts) {
        List<StoredConsumer> known = decode(parts);
        return parts.size() < 2 ? parts : List.of(encode(known, List.of()));
    }

    /**
     * Who is known after all the parts, by name.
     *
     * @throws BufferException if another version of Sluice wrote them
     */
    public static List<StoredConsumer> decode(List<Checkpoint.StoredConsumers> parts) {
        Map<String, StoredConsumer> known = new TreeMap<>();
        for (Checkpoint.StoredConsumers part : parts) {
            if (part.version() != VERSION) {
                throw BufferException.ofVersion(
                        "the checkpoint's consumers have format version", part.version(), VERSION);
            }
            if (part.bytes().length > 0) {
                try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(part.bytes()))) {
                    for (int left = in.readInt(); left > 0; left--) {
                        StoredConsumer consumer = read(in);
                        known.put(consumer.name(), consumer);
                    }
                    for (int left = in.readInt(); left > 0; left--) {
                        known.remove(StoredText.read(in));
                    }
                } catch (IOException | IllegalArgumentException e) {
                    throw new BufferException("the checkpoint's consumers cannot be read: " + e, e);
                }
            }
        }
        return List.copyOf(known.values());
    }

    private void write(DataOutputStream out) throws IOException {
        StoredText.write(out, name);
        out.writeInt(key.length);
        out.write(key);
        out.writeInt(filters.size());
        for (TopicFilter filter : filters) {
            StoredText.write(out, filter.toString());
        }
        StoredText.write(out, ackMode.name());
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

    private static StoredConsumer read(DataInputStream in) throws IOException {
        String name = StoredText.read(in);
        byte[] key = in.readNBytes(in.readInt());
        List<TopicFilter> filters = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            filters.add(TopicFilter.of(StoredText.read(in)));
        }
        AckMode ackMode = AckMode.valueOf(StoredText.read(in));
        long[] acknowledged = new long[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            acknowledged[lane] = in.readLong();
        }
        Lanes lanesWithStoredOffsets = new Lanes(in.readLong());
        long unattachedMs = in.readLong();
        int attachments = in.readInt();
        int[] holders = new int[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            holders[lane] = in.readInt();
        }
        Doubts doubts = Doubts.NONE;
        for (int left = in.readInt(); left > 0; left--) {
            doubts = doubts.with(
                    new Lanes(in.readLong()),
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
                attachments,
                holders,
                doubts);
    }
}
