package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a drain tells its buffer: up to where everything is dealt with, so that the buffer may drop it, and of which
 * lanes Kafka Connect holds an offset. It does so at most once a millisecond while records are on their way, at once
 * when none is, and with every poll and commit. Kafka Connect swallows what its callbacks throw;
 * {@link #polled} throws it with the next poll. Thread-safe.
 */
final class Acknowledgements {

    private static final long TELL_INTERVAL_NS = Duration.ofMillis(1).toNanos();

    private final Attachment buffer;
    private final Outstanding outstanding;
    private final OffsetCommits commits;
    private final BooleanSupplier isAtLeastOnce;
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile boolean ended;
    private volatile long lastToldNs = System.nanoTime();
    private volatile LanePositions lastTold;

    /**
     * Nothing is told yet.
     *
     * @param stored the lanes for which Kafka Connect holds an offset
     * @param isAtLeastOnce whether records are surely not in transactions
     */
    Acknowledgements(Attachment buffer, Outstanding outstanding, Lanes stored, BooleanSupplier isAtLeastOnce) {
        this.buffer = buffer;
        this.outstanding = outstanding;
        this.commits = new OffsetCommits(stored);
        this.isAtLeastOnce = isAtLeastOnce;
        this.lastTold = buffer.acknowledged();
    }

    void begin() {
        buffer.offsetsStored(commits.stored());
    }

    /** Kafka Connect begins a poll, within which there may be several of {@link #polled}. */
    void polling() {
        commits.polling();
    }

    void polled() {
        tell();
        commits.sent(outstanding.sent());
        RuntimeException earlier = failure.get();
        if (earlier != null) {
            throw earlier;
        }
    }

    /** @param none whether no record is on its way any more */
    void settled(boolean none) {
        if (none || System.nanoTime() - lastToldNs >= TELL_INTERVAL_NS) {
            tellOrFailLater();
        }
    }

    /**
     * Takes note of a commit of Kafka Connect's.
     *
     * @param onPoller whether it comes on the thread that polls
     */
    void committed(boolean onPoller) {
        tellOrFailLater();
        if (onPoller) {
            Lanes sent = outstanding.sent();
            if (isAtLeastOnce.getAsBoolean()) {
                commits.committedLast();
            } else {
                commits.committedAll(sent);
            }
        } else {
            commits.committed();
        }
        if (!ended) {
            try {
                buffer.offsetsStored(commits.stored());
            } catch (RuntimeException e) {
                failLater(e);
            }
        }
    }

    private void tellOrFailLater() {
        try {
            tell();
        } catch (RuntimeException e) {
            failLater(e);
        }
    }

    void tell() {
        if (ended) {
            return;
        }
        lastToldNs = System.nanoTime();
        LanePositions handled = outstanding.handled();
        if (!handled.equals(lastTold)) {
            buffer.acknowledge(handled);
            lastTold = handled;
        }
    }

    void failLater(RuntimeException cause) {
        failure.compareAndSet(null, cause);
    }

    void end() {
        ended = true;
    }
}
