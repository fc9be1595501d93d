package io.sluice.broker.door.client;

import io.sluice.message.LogText;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Logs what devices do, and no more than a reader can follow: some lines of each kind in a while, then how many were
 * left out. The metrics count all. Thread-safe.
 */
public final class LimitedLog {

    private static final int MOST = 10;
    private static final int LONGEST = 300;
    private static final long WHILE_NANOS = Duration.ofMinutes(1).toNanos();

    /** What is counted together. */
    public enum Kind {
        /** A connection was not accepted, or ended before its client had connected. */
        TURNED_AWAY,
        /** A client was refused when it wanted to connect. */
        REFUSED,
        /** A client's connection was closed for what it did. */
        CLOSED,
        /** A publish was refused, because its client does not release those before it. */
        UNRELEASED,
        /** A will is published without its delay, because too many wait. */
        WILL,
        /** Publishes wait because a publish limit is exceeded. */
        DELAYED,
        /** Something failed unexpectedly. */
        FAILED
    }

    private final Logger logger;
    private final Map<Kind, Window> windows = new EnumMap<>(Kind.class);

    public LimitedLog(Logger logger) {
        this.logger = logger;
    }

    private static final class Window {
        private long begunNanos = System.nanoTime();
        private int said;
        private int leftOut;
    }

    /** Logs a sentence if its kind has a line left; only then are its arguments made to text. */
    public void say(Kind kind, String sentence, Object... arguments) {
        int leftOut = 0;
        synchronized (this) {
            Window window = windows.computeIfAbsent(kind, first -> new Window());
            long now = System.nanoTime();
            if (now - window.begunNanos >= WHILE_NANOS) {
                leftOut = window.leftOut;
                window.begunNanos = now;
                window.said = 0;
                window.leftOut = 0;
            }
            if (window.said == MOST) {
                window.leftOut++;
                return;
            }
            window.said++;
        }
        if (leftOut > 0) {
            logger.info("{} messages like the next one were left out in the last minute", leftOut);
        }
        Object[] fit = Arrays.stream(arguments).map(LimitedLog::fit).toArray();
        if (kind == Kind.FAILED) {
            logger.error(sentence, fit);
        } else {
            logger.info(sentence, fit);
        }
    }

    /** An argument made fit for a line of the log: devices choose their names. */
    private static Object fit(Object argument) {
        if (argument instanceof Throwable) {
            return argument;
        }
        String text = String.valueOf(argument);
        String shortened = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return LogText.visible(shortened);
    }
}
