package io.sluice.tools;

/** How a command ended, as a process says it. */
public enum ExitCode {
    OK(0),
    FAILED(1),
    /** The command line or a file was not understood. */
    USAGE(2),
    /** A check found mistakes, or a comparison differences. */
    FOUND(3),
    /** A worker, a broker or Kafka does not answer. */
    UNREACHABLE(4),
    /** What was waited for did not happen in time. */
    TIMED_OUT(5);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** The number of a check: {@link #OK} if nothing is wrong or different, else {@link #FOUND}. */
    public static int ofCheck(boolean good) {
        return (good ? OK : FOUND).number;
    }

    /** 0 to 5. */
    public int number() {
        return number;
    }
}
