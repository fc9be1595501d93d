package io.sluice.buffer.log;

import io.sluice.buffer.log.Birth.InFile;
import io.sluice.buffer.log.Birth.InSegment;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.Records;
import io.sluice.file.Folder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The births before the open segment, on the disk: where they are in segments, and those themselves whose segments are gone.
 * Written anew and given its name in one step. "Byte format" in
 * {@code assembly/docs/design.md} shows each byte.
 */
final class BirthsFile {

    static final String NAME = "births";
    static final String TEMPORARY = "births.new";

    private static final int MAGIC = 0x534C4249;
    private static final int VERSION = 2;
    private static final int CHECKSUM_AT = 2 * Integer.BYTES;
    private static final int SIZE_AT = 3 * Integer.BYTES;
    private static final int HEAD_BYTES = 4 * Integer.BYTES;
    private static final int BIRTH_BYTES = 2 * Long.BYTES + Integer.BYTES + Byte.BYTES + Short.BYTES;

    /** Many times as much as an index takes that {@link Births} has written. */
    private static final int MOST_INDEX_BYTES = 1 << 28;

    private BirthsFile() {}

    /** @param covers the position before which all births are named */
    record Found(long covers, List<Birth> births) {}

    /** Gives a birth's record, sealed with {@link #salt}. */
    @FunctionalInterface
    interface Records {
        ByteBuffer of(Birth birth) throws IOException;
    }

    /** What the checksums of the file's records are combined with. */
    static int salt(UUID bufferId) {
        return RecordLayout.salt(bufferId, -1);
    }

    /** Reads what is said of the births; empty if it is damaged, of another buffer, or of another version. */
    static Optional<Found> read(Folder.File file, UUID bufferId) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        if (!file.fill(head, 0) || head.getInt(0) != MAGIC || head.getInt(Integer.BYTES) != VERSION) {
            return Optional.empty();
        }
        int size = head.getInt(SIZE_AT);
        if (size < 3 * Long.BYTES || size > MOST_INDEX_BYTES || size > file.size() - HEAD_BYTES) {
            return Optional.empty();
        }
        ByteBuffer index = ByteBuffer.allocate(size);
        if (!file.fill(index, HEAD_BYTES) || checksum(index.flip()) != head.getInt(CHECKSUM_AT)) {
            return Optional.empty();
        }
        if (!new UUID(index.getLong(), index.getLong()).equals(bufferId)) {
            return Optional.empty();
        }
        long covers = index.getLong();
        List<Birth> births = new ArrayList<>();
        while (index.remaining() >= BIRTH_BYTES) {
            long position = index.getLong();
            long offset = index.getLong();
            int bytes = index.getInt();
            int lane = index.get();
            byte[] topic = new byte[Short.toUnsignedInt(index.getShort())];
            index.get(topic);
            births.add(new Birth(
                    new String(topic, StandardCharsets.UTF_8),
                    position,
                    lane,
                    bytes == 0 ? new InSegment(offset) : new InFile(offset, bytes)));
        }
        return Optional.of(new Found(covers, births));
    }

    /** Reads a record that the file says it has, not checked yet. */
    static ByteBuffer record(Folder.File file, InFile place) throws IOException {
        if (place.offset() + place.bytes() > file.size()) {
            throw new EOFException("the file of births ends before a record that it names");
        }
        ByteBuffer record = ByteBuffer.allocate(place.bytes());
        file.fill(record, place.offset());
        return record.clear();
    }

    private static int checksum(ByteBuffer index) {
        CRC32C crc = new CRC32C();
        crc.update(VERSION);
        crc.update(index.duplicate());
        return (int) crc.getValue();
    }

    /**
     * Writes the file anew and makes it safe. If that fails, the one before is as it was.
     *
     * @param births those before the position {@code covers}
     * @param records asked for those that are not in a segment
     * @return the births, each where it is from now on
     */
    static List<Birth> write(Folder folder, UUID bufferId, long covers, List<Birth> births, Records records)
            throws IOException {
        List<Birth> placed = new ArrayList<>(births.size());
        folder.delete(TEMPORARY);
        try (Folder.File file = folder.create(TEMPORARY)) {
            int size = 3 * Long.BYTES
                    + births.stream()
                            .mapToInt(birth -> BIRTH_BYTES + utf8(birth.topic()).length)
                            .sum();
            ByteBuffer index = ByteBuffer.allocate(HEAD_BYTES + size)
                    .putInt(MAGIC)
                    .putInt(VERSION)
                    .putInt(0)
                    .putInt(size)
                    .putLong(bufferId.getMostSignificantBits())
                    .putLong(bufferId.getLeastSignificantBits())
                    .putLong(covers);
            long at = index.capacity();
            for (Birth birth : births) {
                byte[] topic = utf8(birth.topic());
                index.putLong(birth.position());
                if (birth.place() instanceof InSegment inSegment) {
                    index.putLong(inSegment.offset()).putInt(0);
                    placed.add(birth);
                } else {
                    ByteBuffer record = records.of(birth);
                    int bytes = record.remaining();
                    file.write(record, at);
                    index.putLong(at).putInt(bytes);
                    placed.add(birth.at(new InFile(at, bytes)));
                    at += bytes;
                }
                index.put((byte) birth.lane()).putShort((short) topic.length).put(topic);
            }
            index.flip();
            index.putInt(CHECKSUM_AT, checksum(index.slice(HEAD_BYTES, size)));
            file.write(index, 0);
            file.force();
        } catch (IOException e) {
            folder.delete(TEMPORARY); // which else takes the last of a disk that is full
            throw e;
        }
        folder.rename(TEMPORARY, NAME);
        folder.force();
        return placed;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
