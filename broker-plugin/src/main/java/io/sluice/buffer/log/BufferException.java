package io.sluice.buffer.log;

/** The buffer cannot do what was asked; the message says why, in a sentence for the operator. */
public class BufferException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BufferException(String message) {
        super(message);
    }

    public BufferException(String message, Throwable cause) {
        super(message, cause);
    }
}
