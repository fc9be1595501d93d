package io.sluice.tools;

import java.util.Objects;

/** What was asked for cannot be done; the message is one sentence for the person who asked. */
public class ToolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    /**
     * @param exitCode how a command ends because of it
     * @param sentence what is wrong, and what would be right
     */
    public ToolException(ExitCode exitCode, String sentence) {
        super(sentence);
        this.exitCode = exitCode;
    }

    public ToolException(ExitCode exitCode, String sentence, Throwable cause) {
        super(sentence, cause);
        this.exitCode = exitCode;
    }

    public String sentence() {
        return Objects.requireNonNull(getMessage(), "every constructor takes one");
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
