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

    /** What somebody has written is wrong. */
    public static ToolException usage(String sentence) {
        return new ToolException(ExitCode.USAGE, sentence);
    }

    public static ToolException usage(String sentence, Throwable cause) {
        return new ToolException(ExitCode.USAGE, sentence, cause);
    }

    /** What was asked for does not work. */
    public static ToolException failed(String sentence) {
        return new ToolException(ExitCode.FAILED, sentence);
    }

    public static ToolException failed(String sentence, Throwable cause) {
        return new ToolException(ExitCode.FAILED, sentence, cause);
    }

    /** Nobody answers. */
    public static ToolException unreachable(String sentence, Throwable cause) {
        return new ToolException(ExitCode.UNREACHABLE, sentence, cause);
    }

    public String sentence() {
        return Objects.requireNonNull(getMessage(), "every constructor takes one");
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
