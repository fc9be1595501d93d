package io.sluice.remote;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.remote.wire.Batch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;

/**
 * Holds the batches that wait for the reader, and counts how many more the broker may send. It uses the arrays of their
 * records again, so a batch stays as it is until the next is taken. For one thread at a time.
 */
final class BatchWindow {

    /** Batches that are here or asked for at first: those of a lump to decode, and those of another on their way. */
    private static final int FIRST_WINDOW = 4;

    /** And at most: what a link of 1 Gbit/s holds whose answers take 100 ms, and a little more. */
    private static final int LARGEST_WINDOW = 64;

    /** What those take that are here or asked for, as far as the length of the last ones tells, if they are more than at first. */
    private static final long MOST_BYTES = 16 << 20;

    private record Held(RecordBatch batch, ReusedArray array) {}

    private final Queue<Held> waiting = new ArrayDeque<>();
    private final Deque<ReusedArray> spare = new ArrayDeque<>();
    private Optional<Held> lent = Optional.empty();
    private int window = FIRST_WINDOW;
    private int onTheirWay;

    /** Of the last batches; a long one counts for a while, since another one may follow. */
    private long length;

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Puts a batch in, which may change afterwards.
     *
     * @throws BufferException if the broker was not asked for it: what it sends beyond that could take all memory
     */
    void add(Batch batch) {
        if (onTheirWay == 0) {
            throw new BufferException("the broker sends more batches than it was asked for");
        }
        onTheirWay--;
        length = Math.max(batch.getRecords().size(), length - length / 8);
        ReusedArray array = spare.isEmpty() ? new ReusedArray() : spare.pop();
        waiting.add(new Held(Wire.batch(batch, array), array));
    }

    /** Takes the batch that came first, if there is one; the one that was taken before it is done with. */
    Optional<RecordBatch> take() {
        lent.ifPresent(done -> spare.push(done.array()));
        lent = Optional.ofNullable(waiting.poll());
        return lent.map(Held::batch);
    }

    /** The reader has waited for a batch that the broker had: more are asked for at a time from now on. */
    void starved() {
        window = Math.min(2 * window, LARGEST_WINDOW);
    }

    private int window() {
        return window * length <= MOST_BYTES ? window : (int) Math.max(FIRST_WINDOW, MOST_BYTES / length);
    }

    /** How many batches to ask the broker for now: several at a time, since for each request threads of both ends wake up. */
    int due() {
        int due = window() - onTheirWay - waiting.size();
        if (due < window() / 2) {
            return 0;
        }
        onTheirWay += due;
        return due;
    }

    /** How many batches to ask a broker for that was asked for none yet. */
    int dueFromTheStart() {
        onTheirWay = Math.max(0, window() - waiting.size());
        return onTheirWay;
    }
}
