package io.sluice.buffer.consumer;

import io.sluice.buffer.record.BufferException;

/** A newer attachment of the same consumer has taken the place of this one, which must stop. */
public final class FencedException extends BufferException {

    private static final long serialVersionUID = 1L;

    public FencedException(String message) {
        super(message);
    }
}
