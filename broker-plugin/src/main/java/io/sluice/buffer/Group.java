package io.sluice.buffer;

import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.Records;
import java.util.ArrayDeque;
import java.util.Queue;

/** The records that become safe together, and those who wait for it. Not thread-safe. */
final class Group {

    enum Until {
        /** Its last position is safe. */
        FORCED,
        /** A consumer is attached besides, where the buffer insists on one. */
        ATTACHED,
        /** Kafka has acknowledged it besides. */
        DELIVERED
    }

    /**
     * One append that waits; its last position says when it is its turn.
     *
     * @param lanes in which Kafka must have it, where it waits for that
     */
    record Waiting(long last, AppendListener listener, Until until, Lanes lanes) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Records records = new Records();

    Records records() {
        return records;
    }

    /** Adds one who waits for all that was added so far. */
    void addWaiting(AppendListener listener, Until until, Lanes lanes) {
        if (listener != AppendListener.NONE) {
            waiting.add(new Waiting(records.end() - 1, listener, until, lanes));
        }
    }

    /** Who waits, by rising position. */
    Queue<Waiting> waiting() {
        return waiting;
    }

    void clear() {
        records.clear();
        waiting.clear();
    }
}
