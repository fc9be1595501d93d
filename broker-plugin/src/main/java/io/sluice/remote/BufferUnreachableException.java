package io.sluice.remote;

import io.sluice.buffer.record.BufferException;

/** Nobody answers at an endpoint, or not now: to try again later may help. */
public final class BufferUnreachableException extends BufferException {

    private static final long serialVersionUID = 1L;

    BufferUnreachableException(String message) {
        super(message);
    }

    BufferUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
