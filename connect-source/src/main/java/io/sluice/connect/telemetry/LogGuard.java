package io.sluice.connect.telemetry;

/** Lets nothing fail because a log throws, as one may that is set up to do so when its disk is full. */
public final class LogGuard {

    private LogGuard() {}

    /**
     * Writes a line, or not.
     *
     * @param line hands it to a logger
     */
    public static void log(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error e) {
            return; // there is nowhere to say it
        }
    }
}
