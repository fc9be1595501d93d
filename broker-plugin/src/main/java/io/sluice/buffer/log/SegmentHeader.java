package io.sluice.buffer.log;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first bytes of a segment, written and forced before any record. "Byte format" in {@code assembly/docs/design.md}
 * shows each byte.
 *
 * @param base the position of the first record; none of this segment is lower
 * @param previousBase {@code base} of the segment before, which shows whether it is missing; -1 if there was none
 * @param previousEnd the position at which the segment before ends. Records from there on that are in it nevertheless
 *     were never safe; positions from there to {@code base} were given up
 * @param createdAtMs when the segment was made, which is when the one before was complete
 */
public record SegmentHeader(UUID bufferId, long base, long previousBase, long previousEnd, long createdAtMs) {

    /** The size of every header, in bytes. */
    public static final int BYTES = 64;

    static final int VERSION = 2;

    private static final int MAGIC = 0x534C4345;
    private static final int CHECKSUM_AT = 56;

    /** What the checksums of this segment's records are combined with. */
    public int salt() {
        return RecordLayout.salt(bufferId, base);
    }

    public ByteBuffer encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putLong(bufferId.getMostSignificantBits())
                .putLong(bufferId.getLeastSignificantBits())
                .putLong(base)
                .putLong(previousBase)
                .putLong(previousEnd)
                .putLong(createdAtMs);
        return out.putInt(checksum(out)).putInt(0).flip();
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CHECKSUM_AT));
        return (int) crc.getValue();
    }

    /**
     * Reads the headers of all segments in a folder, by base position: empty where one is damaged, is none, or has another
     * base than the file's name.
     *
     * @param sizes takes the sizes of the segments, in bytes, by base position
     * @throws BufferException if another version of Sluice wrote one of them
     */
    public static TreeMap<Long, Optional<SegmentHeader>> readAll(
            Folder folder, List<String> names, Map<Long, Long> sizes) throws IOException {
        TreeMap<Long, Optional<SegmentHeader>> all = new TreeMap<>();
        for (String name : names) {
            if (SegmentName.baseIn(name).isPresent()) {
                long base = SegmentName.baseIn(name).getAsLong();
                ByteBuffer bytes = ByteBuffer.allocate(BYTES);
                try (Folder.File file = folder.open(name)) {
                    sizes.put(base, file.size());
                    file.fill(bytes, 0);
                    all.put(base, decode(bytes.flip()).filter(header -> header.base() == base));
                } catch (BufferException e) {
                    throw new BufferException(name + " in " + folder + " cannot be read: " + e.getMessage(), e);
                }
            }
        }
        return all;
    }

    /**
     * Reads a header; empty if it is damaged or is none.
     *
     * @throws BufferException if another version of Sluice wrote it
     */
    public static Optional<SegmentHeader> decode(ByteBuffer in) {
        if (in.limit() < BYTES || in.getInt(0) != MAGIC || in.getInt(CHECKSUM_AT) != checksum(in)) {
            return Optional.empty();
        }
        int version = in.getInt(Integer.BYTES);
        if (version != VERSION) {
            throw BufferException.ofVersion("it has format version", version, VERSION);
        }
        return Optional.of(new SegmentHeader(
                new UUID(in.getLong(8), in.getLong(16)),
                in.getLong(24),
                in.getLong(32),
                in.getLong(40),
                in.getLong(48)));
    }
}
