package io.sluice.buffer;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.record.BufferException;

/**
 * Hears what became of the messages of one {@link SharedBuffer#append append}. Called once, on a thread of the buffer;
 * must not block.
 */
public interface AppendListener {

    /** Nobody waits: for messages whose publishers expect no acknowledgement. Costs nothing. */
    AppendListener NONE = new AppendListener() {
        @Override
        public void safe() {}

        @Override
        public void failed(BufferException cause) {}
    };

    /**
     * The messages are in the buffer for good (fsynced, where it is on disk) and, where the buffer insists on one, a
     * consumer is attached to drain it. If somebody wants one of them {@link AckMode#DELIVERED}, all who want messages so
     * have acknowledged them.
     */
    void safe();

    /** The messages are not in the buffer: they must not be acknowledged. Their publishers may send them again. */
    void failed(BufferException cause);

    /**
     * The same, but for the first of the messages, which are in the buffer for good: a segment was full after them. Of QoS 2,
     * they must not be appended again.
     *
     * @param inBuffer how many; 0 or more
     */
    default void failed(BufferException cause, int inBuffer) {
        failed(cause);
    }
}
