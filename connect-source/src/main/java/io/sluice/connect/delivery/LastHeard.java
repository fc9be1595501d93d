package io.sluice.connect.delivery;

import io.sluice.connect.delivery.SilenceWatch.Silence;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When Kafka Connect last polled, when it last reported a record as settled, and to which Kafka topic the record goes
 * that it took last. Thread-safe.
 */
final class LastHeard {

    private static final long SHORTEST_SILENCE_MS = 1_000;

    /** Without a poll for so long Kafka Connect is busy with the records of the last one. */
    private static final Duration LONGEST_BETWEEN_POLLS = Duration.ofSeconds(2);

    /** Of Kafka a poll may ask something, which takes a moment. A connector that is paused does not poll. */
    private static final long PAUSED_NS = Duration.ofSeconds(5).toNanos();

    private volatile @Nullable String topic;
    private volatile long ofRecordNs = System.nanoTime();
    private volatile long pollNs = System.nanoTime();

    void polling(boolean anyOnTheirWay) {
        pollNs = System.nanoTime();
        if (!anyOnTheirWay) {
            ofRecordNs = pollNs;
        }
    }

    boolean isPolling() {
        return System.nanoTime() - pollNs < PAUSED_NS;
    }

    void ofRecord() {
        ofRecordNs = System.nanoTime();
    }

    /** When a record was last settled, or none was on its way, as {@link System#nanoTime} counts. */
    long ofRecordNs() {
        return ofRecordNs;
    }

    void taken(String kafkaTopic) {
        topic = kafkaTopic;
    }

    /** How long no record was settled, if that is longer than a second. Some must be on their way. */
    Optional<Silence> silence() {
        String last = topic;
        long now = System.nanoTime();
        long forMs = Duration.ofNanos(now - ofRecordNs).toMillis();
        return last == null || forMs < SHORTEST_SILENCE_MS
                ? Optional.empty()
                : Optional.of(Silence.of(forMs, last, now - pollNs > LONGEST_BETWEEN_POLLS.toNanos()));
    }
}
