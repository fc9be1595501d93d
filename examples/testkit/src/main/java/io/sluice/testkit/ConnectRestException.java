package io.sluice.testkit;

/** A Connect worker refused a request; the message is the worker's. */
public final class ConnectRestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ConnectRestException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }
}
