package io.sluice.buffer.record;

/** The buffer cannot do what was asked; the message says why, in a sentence for the operator. */
public class BufferException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BufferException(String message) {
        super(message);
    }

    public BufferException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * What another version of Sluice wrote is refused.
     *
     * @param what begins the sentence, up to the version
     */
    public static BufferException ofVersion(String what, int found, int known) {
        return new BufferException(what + " " + found + ", and this Sluice reads version " + known
                + ": use the version of Sluice that wrote it");
    }
}
