package io.sluice.broker.memory;

/** The broker's memory cannot do what it was asked to; the message is one sentence that says why. */
public final class MemoryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MemoryException(String message) {
        super(message);
    }

    public MemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
