package io.sluice.tools;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Looks again and again whether something has happened. */
public final class Patience {

    private static final long BETWEEN_LOOKS_MS = 200;

    private Patience() {}

    /**
     * Waits until something has happened.
     *
     * @param sentence what is said if it does not happen in that time
     * @throws ToolException if it does not
     */
    public static void await(Duration time, BooleanSupplier happened, String sentence) {
        Instant end = Instant.now().plus(time);
        while (!happened.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                throw new ToolException(ExitCode.TIMED_OUT, sentence);
            }
            pause();
        }
    }

    public static void pause() {
        pause(BETWEEN_LOOKS_MS);
    }

    public static void pause(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ToolException.failed("Interrupted while waiting.", e);
        }
    }
}
