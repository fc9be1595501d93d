package io.sluice.connect.delivery;

import io.sluice.buffer.Gap;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs what does not reach Kafka: messages that cannot be mapped and are skipped, and positions that the
 * buffer no longer has. Skipped messages are logged once in ten seconds at most.
 *
 * <p>Counts can be read by any thread; the rest is for the thread that polls.
 */
public final class LossLog {

    private static final Logger LOG = LoggerFactory.getLogger(LossLog.class);
    private static final long LOG_INTERVAL_NS = Duration.ofSeconds(10).toNanos();

    private final String connector;
    private final LongAdder skipped = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private long lastLoggedNs = System.nanoTime() - LOG_INTERVAL_NS;
    private long skippedBefore;

    public LossLog(String connector) {
        this.connector = connector;
    }

    /** A message is skipped, since it cannot be mapped. */
    void skipped(String sentence) {
        skipped.increment();
        long now = System.nanoTime();
        if (now - lastLoggedNs >= LOG_INTERVAL_NS) {
            long since = skipped.sum() - skippedBefore;
            LOG.warn("{}: {} Skipped, one of {} since the last such line.", connector, sentence, since);
            skippedBefore = skipped.sum();
            lastLoggedNs = now;
        }
    }

    /** The buffer no longer has what was to be read. */
    void lost(Gap gap) {
        lost.add(gap.count());
        LOG.error(
                "{}: the messages from position {} to {} cannot be delivered, {} at most: {}.",
                connector,
                gap.from(),
                gap.to() - 1,
                gap.count(),
                gap.cause());
    }

    /** How many times a route could not map a message, which was skipped. */
    public long skippedCount() {
        return skipped.sum();
    }

    /** How many positions the buffer no longer had. */
    public long lostCount() {
        return lost.sum();
    }
}
