package io.sluice.status;

/** The status cannot be served as it is configured; the message says why. */
public final class StatusException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StatusException(String message) {
        super(message);
    }

    public StatusException(String message, Throwable cause) {
        super(message, cause);
    }
}
