package io.sluice.buffer;

import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.log.DropReason;
import io.sluice.buffer.log.Segment;

/**
 * Whether there is free space for what is to be appended, and what becomes of it if there is none. The overflow policy decides
 * when {@code buffer.max.bytes} is reached, and when the disk takes nothing any more. Not thread-safe: the lock of the
 * appender guards it.
 */
final class FreeSpace {

    /** More appends than this that wait for a consumer to attach, or for Kafka, are not taken. */
    private static final int MAX_WITHHELD = 1 << 18;

    private final BufferConfig config;
    private final Counters counters;
    private final Runnable onPressure;
    private long lacking;
    private int withheld;
    private boolean stalled;
    private boolean groupFull;

    /** @param onPressure called when the buffer is found full; must be cheap */
    FreeSpace(BufferConfig config, Counters counters, Runnable onPressure) {
        this.config = config;
        this.counters = counters;
        this.onPressure = onPressure;
    }

    /**
     * Asks for space for one message.
     *
     * @param size of its record, in bytes
     * @param messages how many are dropped or refused with it if there is none
     * @param occupied the size of the buffer, in bytes
     * @param fitsGroup whether the group that is being filled takes it
     */
    Rest admit(long size, int messages, long occupied, boolean fitsGroup) {
        if (size > config.maxBytes() - Segment.HEADER_BYTES || size > Integer.MAX_VALUE) {
            return tooLarge();
        }
        if (stalled && config.overflow() != Overflow.DROP_OLDEST) {
            return overflow(DropReason.DISK, messages);
        }
        long excess = occupied + size - config.maxBytes();
        if (excess > 0) {
            if (size > lacking) {
                lacking = size;
                onPressure.run();
            }
            if (config.overflow() != Overflow.DROP_OLDEST) {
                return overflow(DropReason.NEWEST, messages);
            }
            if (excess > config.segmentBytes()) {
                return Rest.WAIT;
            }
        } else if (lacking > 0 && config.overflow() == Overflow.BLOCK) {
            // others wait for space already: going ahead of them would starve the larger messages
            return Rest.WAIT;
        }
        if (groupFull || withheld > MAX_WITHHELD || !fitsGroup) {
            if (stalled) {
                counters.drops.add(DropReason.DISK, messages);
                return Rest.DROP;
            }
            groupFull = true;
            return Rest.WAIT;
        }
        return Rest.NONE;
    }

    private Rest tooLarge() {
        if (config.overflow() == Overflow.DROP_NEWEST || config.overflow() == Overflow.DROP_OLDEST) {
            counters.drops.add(DropReason.TOO_LARGE, 1);
            return Rest.DROP_ONE;
        }
        counters.rejected.add(1);
        return Rest.REJECT_ONE;
    }

    private Rest overflow(DropReason reason, int messages) {
        return switch (config.overflow()) {
            case BLOCK -> Rest.WAIT;
            case REJECT -> {
                counters.rejected.add(messages);
                yield Rest.REJECT;
            }
            case DROP_NEWEST, DROP_OLDEST -> {
                counters.drops.add(reason, messages);
                yield Rest.DROP;
            }
        };
    }

    /** Whether nobody who was turned away needs to wait any longer. */
    boolean isThere() {
        return !stalled && !groupFull && lacking == 0 && withheld <= MAX_WITHHELD;
    }

    /** Looks again, after segments were dropped; returns whether what had lacked space has it now. */
    boolean reconsider(long occupied) {
        boolean found = lacking > 0 && occupied + lacking <= config.maxBytes();
        if (found) {
            lacking = 0;
        }
        return found;
    }

    /** An empty group is filled from now on. */
    void groupBegun() {
        groupFull = false;
    }

    /** The disk takes nothing any more, or something again. */
    void setStalled(boolean stalled) {
        this.stalled = stalled;
    }

    boolean isStalled() {
        return stalled;
    }

    /** How many appends wait for a consumer to attach, or for Kafka. */
    void setWithheld(int appends) {
        withheld = appends;
    }

    int withheld() {
        return withheld;
    }

    /** How many bytes a message has lacked; 0 if there is enough. */
    long lacking() {
        return lacking;
    }

    /** By how many bytes the buffer is larger than it may be, with space for what waits. */
    long excess(long occupied) {
        return occupied + lacking - config.maxBytes();
    }
}
