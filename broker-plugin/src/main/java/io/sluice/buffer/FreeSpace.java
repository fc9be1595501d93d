package io.sluice.buffer;

import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.record.DropReason;

/**
 * Says whether a message finds free space, and what becomes of it if there is none. The overflow policy decides when the
 * buffer reaches {@code buffer.max.bytes}, and when the disk takes nothing any more. The appender's lock guards it.
 */
final class FreeSpace {

    /** More appends than this that wait for a consumer to attach, or for Kafka, are not taken. */
    static final int MAX_WITHHELD = 1 << 18;

    /** Space is short when less than one part of so many is free. */
    private static final int SHORT_PART = 16;

    private final BufferConfig config;
    private final Counters counters;
    private final Runnable onPressure;
    private final long reserve;
    private long lacking;
    private boolean isShort;
    private int withheld;
    private boolean stalled;
    private boolean groupFull;

    FreeSpace(BufferConfig config, Counters counters, Runnable onPressure) {
        this.config = config;
        this.counters = counters;
        this.onPressure = onPressure;
        this.reserve = Math.max(2L * config.segmentBytes(), config.maxBytes() / SHORT_PART);
    }

    /**
     * Asks for space for one message, which {@link #everFits}.
     *
     * @param size of its record, in bytes
     * @param messages how many are dropped or refused with it if there is none
     * @param occupied the size of the buffer, in bytes
     * @param fitsGroup whether the group that is being filled takes it
     */
    Rest admit(long size, int messages, long occupied, boolean fitsGroup) {
        if (stalled && config.overflow() != Overflow.DROP_OLDEST) {
            return overflow(DropReason.DISK, messages);
        }
        long excess = occupied + size - config.maxBytes();
        if (!isShort && excess > -reserve) {
            isShort = true;
            onPressure.run();
        }
        if (excess > 0) {
            boolean goesAhead = config.overflow() == Overflow.DROP_OLDEST && excess <= config.segmentBytes();
            // what goes ahead is part of what is occupied when the oldest is dropped for it
            long lacks = goesAhead ? 1 : size;
            if (lacks > lacking) {
                lacking = lacks;
                onPressure.run();
            }
            if (config.overflow() != Overflow.DROP_OLDEST) {
                return overflow(DropReason.NEWEST, messages);
            }
            if (!goesAhead) {
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

    /** Whether an empty buffer takes a record of this many bytes. */
    boolean everFits(long size) {
        return size <= config.maxBytes() - SegmentHeader.BYTES && size <= Integer.MAX_VALUE;
    }

    /** What becomes of a message that never fits: it is counted, and waits for nothing. */
    Rest tooLarge() {
        return config.overflow() == Overflow.BLOCK ? reject(1) : overflow(DropReason.TOO_LARGE, 1);
    }

    private Rest overflow(DropReason reason, int messages) {
        return switch (config.overflow()) {
            case BLOCK -> Rest.WAIT;
            case REJECT -> reject(messages);
            case DROP_NEWEST, DROP_OLDEST -> {
                counters.drops.add(reason, messages);
                yield Rest.DROP;
            }
        };
    }

    private Rest reject(int messages) {
        counters.rejected.add(messages);
        return Rest.REJECT;
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
        isShort = occupied > config.maxBytes() - reserve;
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

    void setWithheld(int appends) {
        withheld = appends;
    }

    /**
     * How it stands at one moment.
     *
     * @param isShort whether an append found so little space that what nobody needs should go before it lacks any
     * @param lacking how many bytes a message has lacked; 0 if there is free space
     * @param reserve the free space, in bytes, below which nothing is kept that was delivered
     * @param excess by how many bytes the buffer is larger than it may be, with space for what waits
     * @param stalled whether the disk takes nothing
     * @param withheld how many appends wait for a consumer to attach, or for Kafka, since the last group
     */
    record Now(boolean isShort, long lacking, long reserve, long excess, boolean stalled, int withheld) {

        boolean isPressed() {
            return lacking > 0 || stalled;
        }

        boolean isTooManyWithheld() {
            return withheld > MAX_WITHHELD;
        }
    }

    /** @param occupied the size of the buffer, in bytes */
    Now now(long occupied) {
        return new Now(isShort, lacking, reserve, occupied + lacking - config.maxBytes(), stalled, withheld);
    }
}
