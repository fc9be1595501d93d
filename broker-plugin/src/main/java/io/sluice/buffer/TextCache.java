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

    private static final int SLOT_BITS = 12;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int LONGEST_KEPT = 512;

    private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];
    private final Predicate<String> judge;
    private final byte[] scratch = new byte[LONGEST_KEPT];

    TextCache(Predicate<String> judge) {
        this.judge = judge;
    }

    Entry get(ByteBuffer in, int at, int length) {
        if (length > LONGEST_KEPT) {
            byte[] bytes = new byte[length];
            in.get(at, bytes);
            return entry(bytes);
        }
        int slot = slot(in, at, length);
        in.get(at, scratch, 0, length);
        Entry known = entries[slot];
        if (known != null && Arrays.equals(known.bytes, 0, known.bytes.length, scratch, 0, length)) {
            return known;
        }
        Entry found = entry(Arrays.copyOf(scratch, length));
        entries[slot] = found;
        return found;
    }

    /** Eight bytes at a time: this is done three times for each message read. */
    private static int slot(ByteBuffer in, int at, int length) {
        long hash = length;
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            hash = (hash ^ in.getLong(at + i)) * MIX;
            hash ^= hash >>> 32;
        }
        for (; i < length; i++) {
            hash = (hash ^ in.get(at + i)) * MIX;
        }
        return (int) ((hash * MIX) >>> (Long.SIZE - SLOT_BITS));
    }

    private Entry entry(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return new Entry(bytes, text, judge.test(text));
    }
}
