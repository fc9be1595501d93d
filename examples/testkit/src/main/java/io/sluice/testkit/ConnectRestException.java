package io.sluice.testkit;

/** A Connect worker refused a request; the message is the worker's. */
public final class ConnectRestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ConnectRestException(String message) {
        super(message);
    }
}
