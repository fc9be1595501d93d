package io.sluice.buffer.record;

import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is made of texts, by their UTF-8 bytes, each decoded once while it stays. Of texts that share a slot one stays that
 * came twice in succession, so that the size is fixed, and texts that hardly ever come again cost little more than to decode
 * them, whatever devices send. Not thread-safe.
 *
 * <p>This is done up to three times for each message read: bytes are hashed and compared eight at a time, where they lie.
 *
 * @param <T> what is made of a text
 */
final class TextCache<T> {

    private static final int SLOT_BITS = 12;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int LONGEST_KEPT = 512;

    /**
     * A text, with its first bytes where they are found without another look into the memory.
     *
     * @param words its bytes, eight by eight, from the third eight on
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody else has it
    private record Entry<T>(int length, long first, long second, long[] words, T made) {

        boolean is(ByteBuffer in, int at, int otherLength) {
            if (length != otherLength || first != word(in, at, length, 0) || second != word(in, at, length, 1)) {
                return false;
            }
            for (int i = 0; i < words.length; i++) {
                if (words[i] != word(in, at, length, i + 2)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final long[] NO_WORDS = {};

    /** By slot, a part of the hash of the last text that was not there. */
    private final int[] missed = new int[SLOTS];

    private final @Nullable Entry<T>[] entries;
    private final Function<String, T> maker;

    @SuppressWarnings("unchecked") // an array of a generic type cannot be made otherwise
    TextCache(Function<String, T> maker) {
        this.maker = maker;
        this.entries = (Entry<T>[]) new Entry<?>[SLOTS];
    }

    T get(ByteBuffer in, int at, int length) {
        if (length > LONGEST_KEPT) {
            return maker.apply(StoredText.of(in, at, length));
        }
        long hash = hash(in, at, length);
        int slot = (int) (hash >>> (Long.SIZE - SLOT_BITS));
        Entry<T> known = entries[slot];
        if (known != null && known.is(in, at, length)) {
            return known.made();
        }
        T made = maker.apply(StoredText.of(in, at, length));
        if (missed[slot] == (int) hash) {
            entries[slot] = entry(in, at, length, made);
        } else {
            missed[slot] = (int) hash;
        }
        return made;
    }

    private static <T> Entry<T> entry(ByteBuffer in, int at, int length, T made) {
        long[] rest = length <= 2 * Long.BYTES ? NO_WORDS : new long[words(length) - 2];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = word(in, at, length, i + 2);
        }
        return new Entry<>(length, word(in, at, length, 0), word(in, at, length, 1), rest, made);
    }

    private static long hash(ByteBuffer in, int at, int length) {
        long hash = length;
        int count = words(length);
        for (int i = 0; i < count; i++) {
            hash = (hash ^ word(in, at, length, i)) * MIX;
            hash ^= hash >>> 32;
        }
        return hash * MIX;
    }

    private static int words(int length) {
        return (length + Long.BYTES - 1) / Long.BYTES;
    }

    /** The bytes of a text, eight by eight; behind its end the last eight once more. */
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
}
