package io.sluice.buffer.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Texts by their UTF-8 bytes, each decoded once and judged once while it stays. Of texts that share a slot the last one
 * stays, so that the size is fixed, whatever devices send. Not thread-safe.
 *
 * <p>This is done up to four times for each message read: bytes are hashed and compared eight at a time, where they lie.
 */
final class TextCache {

    /** A text, and whether it passed. */
    static final class Entry {
        private final int length;
        private final long[] words;
        private final Optional<String> text;
        private final boolean passes;

        private Entry(int length, long[] words, String text, boolean passes) {
            this.length = length;
            this.words = words;
            this.text = Optional.of(text);
            this.passes = passes;
        }

        String text() {
            return text.orElseThrow();
        }

        /** The text once more, for those who may have none. */
        Optional<String> present() {
            return text;
        }

        boolean passes() {
            return passes;
        }

        private boolean is(ByteBuffer in, int at, int otherLength) {
            if (length != otherLength) {
                return false;
            }
            for (int i = 0; i < words.length; i++) {
                if (words[i] != word(in, at, length, i)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final int SLOT_BITS = 12;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int LONGEST_KEPT = 512;

    private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];
    private final Predicate<String> judge;

    TextCache(Predicate<String> judge) {
        this.judge = judge;
    }

    Entry get(ByteBuffer in, int at, int length) {
        if (length > LONGEST_KEPT) {
            return entry(in, at, length);
        }
        int slot = slot(in, at, length);
        Entry known = entries[slot];
        if (known != null && known.is(in, at, length)) {
            return known;
        }
        Entry found = entry(in, at, length);
        entries[slot] = found;
        return found;
    }

    private static int slot(ByteBuffer in, int at, int length) {
        long hash = length;
        int count = words(length);
        for (int i = 0; i < count; i++) {
            hash = (hash ^ word(in, at, length, i)) * MIX;
            hash ^= hash >>> 32;
        }
        return (int) ((hash * MIX) >>> (Long.SIZE - SLOT_BITS));
    }

    private static int words(int length) {
        return (length + Long.BYTES - 1) / Long.BYTES;
    }

    /** The bytes of a text, eight by eight; the last eight may repeat some of those before. */
    private static long word(ByteBuffer in, int at, int length, int index) {
        if (length >= Long.BYTES) {
            return in.getLong(at + Math.min(index * Long.BYTES, length - Long.BYTES));
        }
        long word = 0;
        for (int i = 0; i < length; i++) {
            word = (word << Byte.SIZE) | (in.get(at + i) & 0xFF);
        }
        return word;
    }

    private Entry entry(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        long[] words = new long[words(length)];
        for (int i = 0; i < words.length; i++) {
            words[i] = word(in, at, length, i);
        }
        return new Entry(length, words, text, judge.test(text));
    }
}
