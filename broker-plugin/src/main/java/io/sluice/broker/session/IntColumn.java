package io.sluice.broker.session;

import java.util.Arrays;

/** Millions of ints that grow without being copied. Not thread-safe. */
final class IntColumn {

    private static final int CHUNK_BITS = 14;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int MASK = CHUNK - 1;

    private int[][] chunks = new int[0][];

    int get(int index) {
        return chunks[index >>> CHUNK_BITS][index & MASK];
    }

    void set(int index, int value) {
        chunks[index >>> CHUNK_BITS][index & MASK] = value;
    }

    /** Makes room for an index; new values are 0. */
    void reach(int index) {
        while (index >>> CHUNK_BITS >= chunks.length) {
            chunks = Arrays.copyOf(chunks, chunks.length + 1);
            chunks[chunks.length - 1] = new int[CHUNK];
        }
    }
}
