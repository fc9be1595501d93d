package io.sluice.buffer;

import io.sluice.message.Message;
import java.util.List;

/** The log of captured messages, shared by one front door and any number of consumers. Thread-safe. */
public final class SharedBuffer implements AutoCloseable {

    private SharedBuffer() {}

    /**
     * Opens a buffer, and recovers it if it was not closed cleanly.
     *
     * @throws BufferException if it cannot be opened: the folder is not writable, is locked by another process, or
     *     holds something else
     */
    public static SharedBuffer open(BufferConfig config) {
        if (config.maxBytes() < 0) {
            throw new BufferException("maxBytes");
        }
        return new SharedBuffer();
    }

    /** The buffer's identity, made once for each folder. */
    public String id() {
        return "";
    }

    /** Whether consumers, attached or remembered, want the messages of a topic. Cheap: decided once per topic. */
    public Interest interest(String topic) {
        return Interest.NONE;
    }

    /**
     * Appends messages in order. Never blocks for I/O, copies what it accepts before it returns.
     *
     * @param messages at least one
     * @param listener hears of the messages accepted; not called if none is
     */
    public Admission append(List<Message> messages, AppendListener listener) {
        return new Admission(messages.size(), Admission.Rest.NONE);
    }

    /** Runs an action once, when there is room again after an append that said {@link Admission.Rest#WAIT}. */
    public void whenRoom(Runnable action) {
        action.run();
    }

    /**
     * Attaches a consumer, and fences an earlier attachment of the same name that shares a lane. A consumer that the
     * buffer does not know registers at the end of the log.
     */
    @SuppressWarnings("DoNotCallSuggester")
    public BufferConsumer attach(ConsumerSpec spec) {
        throw scaffold();
    }

    private static BufferException scaffold() {
        return new BufferException("no buffer yet");
    }

    /** Makes everything accepted safe and releases the folder. Idempotent. */
    @Override
    public void close() {}
}
