package io.sluice.broker.session;

import org.jspecify.annotations.Nullable;

/**
 * The entries of one queue that wait, first in, first out, in five bytes each: its slot, and how it is to be delivered.
 * They have consecutive numbers. Guarded by the store's lock.
 */
final class WaitingEntries {

    private static final int FIRST_CAPACITY = 16;
    private static final int QOS = 3;
    private static final int RETAINED = 4;

    private int[] slots = {};
    private byte[] flags = {};

    /** Only where an entry has subscription identifiers. */
    private int @Nullable [] identifiers;

    private int head;
    private int size;
    private long firstSequence;

    int size() {
        return size;
    }

    long firstSequence() {
        return firstSequence;
    }

    long nextSequence() {
        return firstSequence + size;
    }

    /** Goes on with a number, if nothing waits. */
    void goOnWith(long sequence) {
        if (size == 0) {
            firstSequence = sequence;
        }
    }

    void add(int slot, int qos, boolean retained, int identifierList) {
        if (size == slots.length) {
            resize(Math.max(FIRST_CAPACITY, 2 * size));
        }
        int at = index(size);
        slots[at] = slot;
        flags[at] = (byte) (qos | (retained ? RETAINED : 0));
        if (identifierList != IdentifierLists.NONE && identifiers == null) {
            identifiers = new int[slots.length];
        }
        if (identifiers != null) {
            identifiers[at] = identifierList;
        }
        size++;
    }

    int slot(int nth) {
        return slots[index(nth)];
    }

    int qos(int nth) {
        return flags[index(nth)] & QOS;
    }

    boolean retained(int nth) {
        return (flags[index(nth)] & RETAINED) != 0;
    }

    int identifierList(int nth) {
        int[] lists = identifiers;
        return lists == null ? IdentifierLists.NONE : lists[index(nth)];
    }

    void removeFirst() {
        head = index(1);
        size--;
        firstSequence++;
        if (size == 0) {
            slots = new int[0];
            flags = new byte[0];
            identifiers = null;
            head = 0;
        } else if (size > FIRST_CAPACITY && size <= slots.length / 4) {
            resize(slots.length / 2);
        }
    }

    private int index(int nth) {
        int at = head + nth;
        return at < slots.length ? at : at - slots.length;
    }

    private void resize(int capacity) {
        int[] lists = identifiers;
        int untilEnd = Math.min(size, slots.length - head);
        slots = unrolled(slots, new int[capacity], untilEnd);
        flags = unrolled(flags, new byte[capacity], untilEnd);
        identifiers = lists == null ? null : unrolled(lists, new int[capacity], untilEnd);
        head = 0;
    }

    /** Copies an array of any kind, in which the first entry is not at the beginning. */
    private <T> T unrolled(T ring, T straight, int untilEnd) {
        System.arraycopy(ring, head, straight, 0, untilEnd);
        System.arraycopy(ring, 0, straight, untilEnd, size - untilEnd);
        return straight;
    }
}
