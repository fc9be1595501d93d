package io.sluice.broker.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of a journal's file. Where the next one is not intact, it stops; {@link #isTorn} then tells
 * the end of a group that was never forced, which is to be expected, from damage: groups are written one after the
 * other and each is forced before the next, so that an intact group after the place means damage.
 */
final class JournalScan {

    private static final int BUFFER_BYTES = 1 << 20;

    private final JournalFile file;
    private final CRC32C crc = new CRC32C();
    private final long fileEnd;
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);

    /** Where in the file the buffer begins. */
    private long bufferAt;

    private long offset = JournalFile.HEADER_BYTES;
    private long recordOffset;
    private int recordSize;

    /** Goes as far as a position, at most as far as the file. */
    JournalScan(JournalFile file, long end) throws IOException {
        this.file = file;
        this.fileEnd = Math.min(end, file.size());
    }

    /** Where the record that {@link #next} has given begins. */
    long recordOffset() {
        return recordOffset;
    }

    /** Its size, with the zeros after it. */
    int recordSize() {
        return recordSize;
    }

    /** Where the next record begins: the end of what is intact, once there is none. */
    long offset() {
        return offset;
    }

    boolean isAtEnd() {
        return offset >= fileEnd;
    }

    /**
     * The next record, from its checksum to its end without the zeros; null if there is no intact one. Valid until this is
     * called again.
     */
    @Nullable
    ByteBuffer next() throws IOException {
        if (!isIntactAt(offset)) {
            return null;
        }
        int at = (int) (offset - bufferAt);
        int size = JournalFormat.size(buffer, at);
        recordOffset = offset;
        recordSize = JournalFormat.aligned(size);
        offset += recordSize;
        return buffer.slice(at, size);
    }

    private boolean isIntactAt(long position) throws IOException {
        if (fileEnd - position < JournalFormat.aligned(JournalFormat.HEADER_BYTES)
                || !fill(position, JournalFormat.HEADER_BYTES)) {
            return false;
        }
        int at = (int) (position - bufferAt);
        if (!JournalFormat.isPlausible(buffer, at, fileEnd - position)
                || !fill(position, JournalFormat.aligned(JournalFormat.size(buffer, at)))) {
            return false;
        }
        return JournalFormat.isIntact(buffer, (int) (position - bufferAt), file.salt, crc);
    }

    /** Makes sure that so many bytes are in the buffer. */
    private boolean fill(long position, int bytes) throws IOException {
        if (position >= bufferAt && position + bytes <= bufferAt + buffer.limit()) {
            return true;
        }
        int capacity = Math.max(BUFFER_BYTES, bytes);
        if (buffer.capacity() < capacity || buffer.capacity() > Math.max(BUFFER_BYTES, 2 * bytes)) {
            buffer = ByteBuffer.allocate(capacity);
        }
        buffer.clear().limit((int) Math.min(capacity, fileEnd - position));
        bufferAt = position;
        file.read(buffer, position);
        buffer.flip();
        return buffer.limit() >= bytes;
    }

    /**
     * Whether nothing after the end of what is intact was ever forced.
     *
     * @param group the number of the last group that has begun before
     */
    boolean isTorn(long group) throws IOException {
        for (long at = offset + JournalFormat.ALIGNMENT;
                fileEnd - at >= JournalFormat.GROUP_BYTES;
                at += JournalFormat.ALIGNMENT) {
            if (!fill(at, JournalFormat.GROUP_BYTES)) {
                return true;
            }
            int inBuffer = (int) (at - bufferAt);
            if (JournalFormat.isGroup(buffer, inBuffer)
                    && JournalFormat.isIntact(buffer, inBuffer, file.salt, crc)
                    && JournalFormat.groupNumber(buffer, inBuffer) > group) {
                return false;
            }
        }
        return true;
    }

    /** Goes on after damage, at the next record that is intact; false if there is none. */
    boolean skipDamage() throws IOException {
        for (long at = offset + JournalFormat.ALIGNMENT; at < fileEnd; at += JournalFormat.ALIGNMENT) {
            if (isIntactAt(at)) {
                offset = at;
                return true;
            }
        }
        return false;
    }
}
