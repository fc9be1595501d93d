package io.sluice.broker.access;

/** A file that says who may do what cannot be used; the message says which, and why. */
public final class AccessException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AccessException(String message) {
        super(message);
    }

    AccessException(String message, Throwable cause) {
        super(message, cause);
    }

    public String sentence() {
        return String.valueOf(getMessage());
    }
}
