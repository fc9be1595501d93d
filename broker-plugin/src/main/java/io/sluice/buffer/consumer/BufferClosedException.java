package io.sluice.buffer.consumer;

import io.sluice.buffer.record.BufferException;

/** The buffer was closed, and may be opened again by the next process. */
public final class BufferClosedException extends BufferException {

    private static final long serialVersionUID = 1L;

    BufferClosedException() {
        super("the buffer is closed");
    }
}
