package io.sluice.buffer.log;

import io.sluice.buffer.record.RecordFilter;
import io.sluice.buffer.record.RecordHeader;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Walks over the records of one segment, each checked against its checksum, and finds its way back after a damaged
 * place. Reads the file in chunks that it uses again. Not thread-safe.
 */
final class SegmentCursor implements Closeable {

    enum Found {
        /** An intact record with the expected position or a later one. */
        RECORD,
        END,
        DAMAGE
    }

    private static final int CHUNK_BYTES = 256 * 1024;

    private final Folder.File file;
    private final int salt;
    private final CRC32C crc = new CRC32C();
    private final RecordHeader header = new RecordHeader();
    private ByteBuffer chunk;
    private long chunkOffset;
    private long offset;
    private long nextPosition;
    private int at;

    /** @param chunk a buffer to read into, which the cursor may replace by a larger one */
    SegmentCursor(Folder.File file, int salt, long offset, ByteBuffer chunk) {
        this.file = file;
        this.salt = salt;
        this.offset = offset;
        this.chunk = chunk.clear().limit(0);
        this.chunkOffset = offset;
    }

    static ByteBuffer newChunk() {
        return ByteBuffer.allocateDirect(CHUNK_BYTES);
    }

    ByteBuffer chunk() {
        return chunk;
    }

    /** Where the record of the last {@link #look} begins in {@link #chunk}. */
    int at() {
        return at;
    }

    long offset() {
        return offset;
    }

    /**
     * @param expected the position that should be there
     * @param limit how much of the file may be read
     */
    Found look(long expected, long limit) throws IOException {
        long available = limit - offset;
        if (available == 0) {
            return Found.END;
        }
        return isRecord(expected, Long.MAX_VALUE, available) ? Found.RECORD : Found.DAMAGE;
    }

    /** Whether the record that {@link #look} has found is no longer than what is read at a time. */
    boolean isInChunk() {
        return header.size() <= CHUNK_BYTES;
    }

    void next() {
        offset += RecordLayout.size(chunk, at);
    }

    /**
     * Steps over the record that {@link #look} has found and those right behind it that are in the chunk already, up to
     * the first that is damaged, and gathers those that are wanted. Where all of a run are, no byte is moved.
     *
     * @param endPosition the position to stop at
     * @param maxBytes the most bytes to gather; one record is gathered however large it is
     * @return what is wanted, in the chunk: until the next look, and instead of what was passed over
     */
    ByteBuffer gather(RecordFilter filter, long endPosition, int maxBytes) {
        ByteBuffer in = chunk;
        int end = in.limit();
        int first = at;
        int kept = 0;
        int run = at;
        int here = at;
        do {
            int size = header.size();
            int wanted = kept + here - run;
            if (!filter.wants(in, here, header)) {
                if (wanted == 0) {
                    first = here + size;
                } else {
                    move(in, run, first + kept, here - run);
                    kept = wanted;
                }
                run = here + size;
            } else if (wanted > 0 && size > maxBytes - wanted) {
                break;
            }
            nextPosition = header.positionAfter();
            here += size;
        } while (nextPosition < endPosition && isNext(in, here, end));
        move(in, run, first + kept, here - run);
        offset += here - at;
        at = here;
        return in.slice(first, kept + here - run);
    }

    /**
     * Steps over the record that {@link #look} has found and those right behind it that are in the chunk already, up to
     * the first that is damaged, until that is as much as is read at a time; returns them.
     *
     * @param endPosition the position to stop at
     */
    Block block(Segment segment, long endPosition) {
        ByteBuffer in = chunk;
        int here = at;
        do {
            nextPosition = header.positionAfter();
            here += header.size();
        } while (here - at < CHUNK_BYTES && nextPosition < endPosition && isNext(in, here, in.limit()));
        Block block = new Block(segment, offset, nextPosition, in, at, here - at);
        offset += here - at;
        at = here;
        return block;
    }

    private boolean isNext(ByteBuffer in, int here, int end) {
        if (end - here < RecordLayout.HEADER_BYTES) {
            return false;
        }
        header.read(in, here);
        return header.position() == nextPosition
                && header.isPlausible(end - here)
                && header.isIntact(in, here, salt, crc);
    }

    private static void move(ByteBuffer in, int from, int to, int bytes) {
        if (from != to && bytes > 0) {
            in.put(to, in, from, bytes);
        }
    }

    /** The position that a record at the cursor should have, once records were {@link #gather gathered}. */
    long nextPosition() {
        return nextPosition;
    }

    /** Goes on at another place, where a record begins. */
    void moveTo(long newOffset) {
        offset = newOffset;
    }

    /**
     * Moves forward from a damaged place to the next intact record.
     *
     * <p>Records are dense, so that as many positions as could have had records in the bytes passed bound what can come
     * next: bytes that look like a record but are none are passed over.
     *
     * @param expected the position that was expected at the damaged place
     * @return whether there is one up to {@code limit}; if not, the cursor stays
     */
    boolean resynchronize(long expected, long limit) throws IOException {
        long damagedAt = offset;
        for (offset++; limit - offset >= RecordLayout.HEADER_BYTES; offset++) {
            long highest = expected + (offset - damagedAt) / RecordLayout.HEADER_BYTES;
            if (isRecord(expected, highest, limit - offset)) {
                return true;
            }
        }
        offset = damagedAt;
        return false;
    }

    private boolean isRecord(long lowest, long highest, long available) throws IOException {
        if (available < RecordLayout.HEADER_BYTES || !load(RecordLayout.HEADER_BYTES, available)) {
            return false;
        }
        header.read(chunk, at);
        long position = header.position();
        return position >= lowest
                && position <= highest
                && header.isPlausible(available)
                && (header.size() <= chunk.capacity() || isIntactInParts())
                && load(header.size(), available)
                && header.isIntact(chunk, at, salt, crc);
    }

    /** Checks a record that is longer than the chunk: memory is taken for what is a record, not for a flipped bit. */
    private boolean isIntactInParts() throws IOException {
        ByteBuffer part = chunk;
        chunkOffset = Long.MIN_VALUE / 2; // what is in the chunk is overwritten
        crc.reset();
        long end = offset + header.size();
        for (long from = offset + Integer.BYTES; from < end; from += part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), end - from));
            if (!file.fill(part, from)) {
                return false;
            }
            crc.update(part.flip());
        }
        return ((int) crc.getValue() ^ salt) == header.checksum();
    }

    /**
     * Brings bytes from the cursor on into the chunk; false if the file ends before. What is not to be read yet stays out
     * of it: it may still change.
     */
    private boolean load(int bytes, long available) throws IOException {
        long inChunk = offset - chunkOffset;
        if (inChunk < 0 || inChunk + bytes > chunk.limit()) {
            if (bytes > chunk.capacity()) {
                chunk = ByteBuffer.allocateDirect(Math.max(bytes, (int) Math.min(2L * chunk.capacity(), 1 << 26)));
            }
            chunk.clear().limit((int) Math.min(chunk.capacity(), available));
            chunkOffset = offset;
            inChunk = 0;
            while (chunk.position() < bytes) {
                if (file.read(chunk, offset + chunk.position()) < 0) {
                    break;
                }
            }
            chunk.flip();
        }
        at = (int) inChunk;
        return chunk.limit() - at >= bytes;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
