package io.sluice.connect.delivery;

import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.telemetry.LogGuard;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.message.LogText;
import io.sluice.message.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs what does not reach Kafka as it should: messages that cannot be mapped, be they skipped or dead
 * letters, and positions that the buffer no longer has. A log that throws fails no poll. Counts can be read by any
 * thread; the rest is for the thread that polls.
 */
public final class LossLog {

    private static final Logger LOG = LoggerFactory.getLogger(LossLog.class);
    private static final long LOG_INTERVAL_NS = Duration.ofSeconds(10).toNanos();

    private static final int PAYLOAD_CHARACTERS = 1_000;

    private final String connector;
    private final ErrorLog errorLog;
    private final TaskEvents events;
    private final LongAdder filtered = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private long lastLoggedNs = System.nanoTime() - LOG_INTERVAL_NS;
    private long refusedBefore;

    public LossLog(String connector, ErrorLog errorLog, TaskEvents events) {
        this.connector = connector;
        this.errorLog = errorLog;
        this.events = events;
    }

    String connector() {
        return connector;
    }

    void filtered() {
        filtered.increment();
    }

    void skipped(String sentence, StoredMessage stored, String error) {
        skipped.increment();
        refused(sentence, "Skipped", stored.message());
        events.skipped(stored.message().topic(), stored.message().clientId(), stored.position(), error);
    }

    void deadLetter(String sentence, StoredMessage stored, String error) {
        deadLetters.increment();
        refused(sentence, "Sent to the dead letters", stored.message());
        events.deadLetter(stored.message().topic(), stored.message().clientId(), stored.position(), error);
    }

    private void refused(String sentence, String outcome, Message message) {
        if (errorLog != ErrorLog.SUMMARY) {
            LogGuard.log(() -> LOG.warn("{}: {} {}.{}", connector, sentence, outcome, payload(message)));
            return;
        }
        long now = System.nanoTime();
        if (now - lastLoggedNs >= LOG_INTERVAL_NS) {
            lastLoggedNs = now;
            LogGuard.log(() -> {
                long refused = skipped.sum() + deadLetters.sum();
                LOG.warn(
                        "{}: {} {}, one of {} since the last such line.",
                        connector,
                        sentence,
                        outcome,
                        refused - refusedBefore);
                refusedBefore = refused;
            });
        }
    }

    private String payload(Message message) {
        if (errorLog != ErrorLog.EACH_WITH_PAYLOAD) {
            return "";
        }
        String text =
                StandardCharsets.UTF_8.decode(message.payload().duplicate()).toString();
        return " Its payload of " + message.payload().remaining() + " bytes: " + printable(text, PAYLOAD_CHARACTERS);
    }

    /** A text that a device chose, fit for a log line. */
    static String printable(String text, int longest) {
        String shortened = text.length() <= longest ? text : text.substring(0, longest) + "…";
        return LogText.visible(shortened);
    }

    void lost(Gap gap) {
        lost.add(gap.count());
        events.lost(gap.from(), gap.to(), gap.cause());
        LogGuard.log(() -> LOG.error(
                "{}: the messages from position {} to {} cannot be delivered, {} at most: {}.",
                connector,
                gap.from(),
                gap.to() - 1,
                gap.count(),
                gap.cause()));
    }

    void staysBehind(long atMost, String bufferId) {
        LOG.info(
                "{}: up to {} messages remain in the buffer {}; a task that has this buffer will deliver them.",
                connector,
                atMost,
                bufferId);
        events.bufferLeft(bufferId, atMost);
    }

    /**
     * The task has attached to a buffer.
     *
     * @param waiting how many messages it has for the task, at most
     * @param first whether the buffer has not heard of the connector before
     */
    void attached(long waiting, boolean first, String bufferId) {
        if (waiting > 0) {
            LogGuard.log(() -> LOG.info(
                    "{}: up to {} messages have waited in the buffer {} and are delivered now.",
                    connector,
                    waiting,
                    bufferId));
        } else if (first) {
            LogGuard.log(() -> LOG.info(
                    "{}: nothing was delivered from the buffer {} before. What this connector may have in the buffer of"
                            + " another worker stays there until its task runs there again.",
                    connector,
                    bufferId));
        }
        events.bufferAttached(bufferId, waiting);
    }

    public long skippedCount() {
        return skipped.sum();
    }

    public long deadLetterCount() {
        return deadLetters.sum();
    }

    public long filteredCount() {
        return filtered.sum();
    }

    public long lostCount() {
        return lost.sum();
    }
}
