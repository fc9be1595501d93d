package io.sluice.buffer;

import io.sluice.buffer.consumer.ConsumerRegistry;
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
     * Who must have acknowledged an append, and where.
     *
     * @param consumers as {@link ConsumerRegistry#wantDelivered} says it; 0: it waits for nobody
     */
    record Delivery(long consumers, Lanes lanes) {

        static final Delivery NONE = new Delivery(0, Lanes.NONE);

        static Delivery toAll(Lanes lanes) {
            return new Delivery(-1, lanes);
        }
    }

    /** One append that waits, from its first position to its last one, which says when it is its turn. */
    record Waiting(long first, long last, AppendListener listener, Until until, Delivery delivery) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Records records = new Records();

    Records records() {
        return records;
    }

    /** Adds one who waits for all that was added so far, of which the last so many records are its own. */
    void addWaiting(int count, AppendListener listener, Until until, Delivery delivery) {
        if (listener != AppendListener.NONE) {
            waiting.add(new Waiting(records.end() - count, records.end() - 1, listener, until, delivery));
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
