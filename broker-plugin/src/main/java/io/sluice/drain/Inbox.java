package io.sluice.drain;

import io.sluice.buffer.RecordBatch;
import io.sluice.drain.wire.Batch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;

/**
 * The batches that have come and wait for the reader, and how many more the broker may send. Their records lie in arrays
 * that are used again, so that a batch stays as it is until the next is taken. For one thread at a time.
 */
final class Inbox {

    /** Batches that are here or asked for: those of a lump to decode, and those of another on their way. */
    private static final int WINDOW = 4;

    /** Batches that are asked for at a time: for each request, threads of both ends wake up. */
    private static final int LUMP = 2;

    /** A batch and the array that its records lie in. */
    private record Held(RecordBatch batch, ReusedArray array) {}

    private final Queue<Held> waiting = new ArrayDeque<>();
    private final Deque<ReusedArray> spare = new ArrayDeque<>();
    private Optional<Held> lent = Optional.empty();
    private int unasked;

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Puts a batch in, which may change afterwards. */
    void add(Batch batch) {
        ReusedArray array = spare.isEmpty() ? new ReusedArray() : spare.pop();
        waiting.add(new Held(Wire.batch(batch, array), array));
    }

    /** Takes the batch that came first, if there is one; the one that was taken before it is done with. */
    Optional<RecordBatch> take() {
        lent.ifPresent(done -> spare.push(done.array()));
        lent = Optional.ofNullable(waiting.poll());
        lent.ifPresent(taken -> unasked++);
        return lent.map(Held::batch);
    }

    /** How many batches to ask the broker for now. */
    int due() {
        if (unasked < LUMP) {
            return 0;
        }
        int due = unasked;
        unasked = 0;
        return due;
    }

    /** How many batches to ask a broker for that was asked for none yet. */
    int dueFromTheStart() {
        unasked = 0;
        return WINDOW - waiting.size();
    }
}
