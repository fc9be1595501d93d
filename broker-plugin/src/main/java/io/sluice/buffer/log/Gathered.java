package io.sluice.buffer.log;

import java.nio.ByteBuffer;

/** Records that one read gathers, in memory that the next one uses again. Not thread-safe. */
final class Gathered {

    private static final int LONGEST_KEPT = 1 << 20;

    private ByteBuffer records = ByteBuffer.allocate(0);

    boolean isEmpty() {
        return records.position() == 0;
    }

    int bytes() {
        return records.position();
    }

    void clear() {
        records = records.capacity() > LONGEST_KEPT ? ByteBuffer.allocate(0) : records.clear();
    }

    void add(ByteBuffer in, int at, int bytes) {
        if (records.remaining() < bytes) {
            long needed = (long) records.position() + bytes;
            int capacity = (int) Math.min(Math.max(needed, 2L * records.capacity()), Integer.MAX_VALUE);
            records = ByteBuffer.allocate(capacity).put(records.flip());
        }
        records.put(records.position(), in, at, bytes).position(records.position() + bytes);
    }

    /** What was gathered: until the next {@link #clear}. */
    ByteBuffer records() {
        return records.slice(0, records.position());
    }
}
