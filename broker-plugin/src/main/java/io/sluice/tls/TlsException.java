package io.sluice.tls;

/** A store of keys or certificates cannot be used; the message says which, and why. */
public final class TlsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
