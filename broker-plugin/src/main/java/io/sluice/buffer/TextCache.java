package io.sluice.buffer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Texts by their UTF-8 bytes, each decoded once and judged once while it stays. Of texts that share a slot the last one
 * stays, so that the size is fixed, whatever devices send. Not thread-safe.
 */
final class TextCache {

    /** A text, and whether it passed. */
    static final class Entry {
        private final byte[] bytes;
        private final String text;
        private final boolean passes;

        private Entry(byte[] bytes, String text, boolean passes) {
            this.bytes = bytes;
            this.text = text;
            this.passes = passes;
        }

        String text() {
            return text;
        }

        boolean passes() {
            return passes;
        }
    }

    private static final int SLOTS = 1 << 12;
    private static final int LONGEST_KEPT = 512;

    private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];
    private final Predicate<String> judge;
    private byte[] scratch = new byte[LONGEST_KEPT];

    TextCache(Predicate<String> judge) {
        this.judge = judge;
    }

    Entry get(ByteBuffer in, int at, int length) {
        if (length > LONGEST_KEPT) {
            byte[] bytes = new byte[length];
            in.get(at, bytes);
            return entry(bytes);
        }
        in.get(at, scratch, 0, length);
        int slot = slot(length);
        Entry known = entries[slot];
        if (known != null && Arrays.equals(known.bytes, 0, known.bytes.length, scratch, 0, length)) {
            return known;
        }
        Entry found = entry(Arrays.copyOf(scratch, length));
        entries[slot] = found;
        return found;
    }

    private int slot(int length) {
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + scratch[i];
        }
        hash *= 0x9E3779B9;
        return hash >>> 20 & SLOTS - 1;
    }

    private Entry entry(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return new Entry(bytes, text, judge.test(text));
    }
}
