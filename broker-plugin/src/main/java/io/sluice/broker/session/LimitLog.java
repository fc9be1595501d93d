package io.sluice.broker.session;

import io.sluice.message.LogText;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs when a limit begins to cost messages and when that ends, not each message; and no more than {@value #SENTENCES}
 * sentences in {@value #MINUTES} minutes, however many clients reach their limits. Guarded by the store's lock.
 */
final class LimitLog {

    private static final Logger LOG = LoggerFactory.getLogger(LimitLog.class);
    private static final int SENTENCES = 30;
    private static final long MINUTES = 10;
    private static final int MAX_NAME = 64;

    private final StoreClock clock;
    private long windowEndMs = Long.MIN_VALUE;
    private int said;
    private long unsaid;

    /** The time during which one limit costs something. */
    static final class Episode {
        private long count;
        private boolean said;

        boolean isRunning() {
            return count > 0;
        }
    }

    LimitLog(StoreClock clock) {
        this.clock = clock;
    }

    /** Counts one more that is lost to a limit. */
    void count(Episode episode, Supplier<String> sentence) {
        episode.count++;
        if (episode.count == 1) {
            episode.said = mayBeSaid();
            if (episode.said) {
                LOG.warn("{}", sentence.get());
            }
        }
    }

    void end(Episode episode, Supplier<String> whatHappensAgain) {
        if (episode.said) {
            LOG.info("{}: {} were lost to the limit", whatHappensAgain.get(), episode.count);
        }
        episode.count = 0;
        episode.said = false;
    }

    private boolean mayBeSaid() {
        long now = clock.nowMs();
        if (now >= windowEndMs) {
            windowEndMs = now + TimeUnit.MINUTES.toMillis(MINUTES);
            if (unsaid > 0) {
                LOG.warn(
                        "Limits of sessions, queues or retained messages were reached {} more times than logged",
                        unsaid);
            }
            said = 0;
            unsaid = 0;
        }
        if (said == SENTENCES) {
            unsaid++;
            return false;
        }
        said++;
        return true;
    }

    /** A client id as it may stand in a log: devices choose it. */
    static String name(String clientId) {
        String name = clientId.codePointCount(0, clientId.length()) > MAX_NAME
                ? clientId.substring(0, clientId.offsetByCodePoints(0, MAX_NAME)) + "…"
                : clientId;
        return "'" + LogText.visible(name) + "'";
    }
}
