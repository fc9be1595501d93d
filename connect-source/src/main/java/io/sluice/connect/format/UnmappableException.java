package io.sluice.connect.format;

/** A message cannot become the record that a route asks for; the message says why, in a sentence for the operator. */
public final class UnmappableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Without a stack trace: devices cause it, as often as they like. */
    public UnmappableException(String message) {
        super(message, null, false, false);
    }
}
