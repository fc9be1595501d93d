package io.sluice.buffer.record;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A consumer's messages as they lie in the log, with all that is needed to check them and to make messages of them
 * elsewhere ({@link RecordDecoder}).
 *
 * @param layout how a record lies in it: {@link #LAYOUT}, unless another version of Sluice sent it
 * @param records the records that the consumer wants, whole and one behind the other, by rising position; they
 *     are overwritten after the consumer's next read
 * @param salt what their checksums are combined with: all are of one segment
 * @param frontier every position below has been looked at: what of it is not in {@code records}, now or earlier, is not
 *     for this consumer
 * @param gaps what was lost before these records, to be reported once
 */
public record RecordBatch(int layout, ByteBuffer records, int salt, long frontier, List<Gap> gaps) {

    /** The layout that this version of Sluice reads and writes. */
    public static final int LAYOUT = 1;

    public RecordBatch(ByteBuffer records, int salt, long frontier, List<Gap> gaps) {
        this(LAYOUT, records, salt, frontier, gaps);
    }

    public RecordBatch {
        records = records.slice();
        gaps = List.copyOf(gaps);
    }

    /** The records, from the position to the limit of a separate view. */
    @Override
    public ByteBuffer records() {
        return records.duplicate();
    }

    /** Whether it says nothing but how far was looked. */
    public boolean isEmpty() {
        return !records.hasRemaining() && gaps.isEmpty();
    }

    /**
     * Checks what came from elsewhere; what a buffer of this process read is checked already.
     *
     * @return this batch
     * @throws BufferException if a record is not as it was written, or not where it belongs, or has a layout that this
     *     version of Sluice does not know
     */
    public RecordBatch requireIntact() {
        if (layout != LAYOUT) {
            throw new BufferException("the broker sends records of layout " + layout + ", and this worker knows layout "
                    + LAYOUT + " alone; bring both to the same version of Sluice");
        }
        CRC32C crc = new CRC32C();
        ByteBuffer in = records.duplicate();
        long lowest = 0;
        RecordHeader header = new RecordHeader();
        for (int at = 0; at < in.limit(); at += header.size()) {
            int available = in.limit() - at;
            boolean complete = available >= RecordLayout.HEADER_BYTES;
            if (complete) {
                header.read(in, at);
            }
            if (!complete || !header.isPlausible(available) || !header.isIntact(in, at, salt, crc)) {
                throw new BufferException("a batch of records up to position " + (frontier - 1)
                        + " was changed on its way: what it holds at byte " + at + " is no intact record");
            }
            long position = header.position();
            if (position < lowest || position >= frontier) {
                throw new BufferException("a batch of records holds position " + position + " where one from " + lowest
                        + " to " + (frontier - 1) + " should be");
            }
            lowest = position + 1;
        }
        return this;
    }
}
