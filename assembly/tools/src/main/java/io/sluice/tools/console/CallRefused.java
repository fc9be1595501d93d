package io.sluice.tools.console;

/** The console does not answer a request; the message is one sentence. */
final class CallRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status HTTP status, 400 to 599
     * @param sentence why not, and what would be right
     */
    CallRefused(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }
}
