package io.sluice.buffer;

import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.LogReader;
import io.sluice.buffer.log.ReadBatch;
import io.sluice.buffer.log.RecordBatch;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A consumer's hold on a buffer of this process. */
final class LocalAttachment implements Attachment {

    private enum State {
        OPEN,
        FENCED,
        CLOSED,
        BUFFER_CLOSED
    }

    private final ConsumerRegistry consumers;
    private final Log log;
    private final ConsumerState consumer;
    private final AttachRequest spec;
    private final Run run;
    private final long readBefore;
    private final String bufferId;
    private long @Nullable [] handled;
    private volatile State state = State.OPEN;
    private volatile boolean doubtKept = true;
    private volatile @Nullable LogReader reader;
    private volatile Runnable onReadable = () -> {};

    /** @param readBefore where it may begin at most, if it goes on after one that read under an earlier opening */
    LocalAttachment(
            ConsumerRegistry consumers, Log log, ConsumerState consumer, AttachRequest spec, Run run, long readBefore) {
        this.consumers = consumers;
        this.log = log;
        this.consumer = consumer;
        this.spec = spec;
        this.run = run;
        this.readBefore = readBefore;
        this.bufferId = log.bufferId().toString();
    }

    ConsumerState consumer() {
        return consumer;
    }

    AttachRequest spec() {
        return spec;
    }

    @Override
    public String bufferId() {
        return bufferId;
    }

    @Override
    public String run() {
        return run.toString();
    }

    /** What of the run its consumer knows it by. */
    String mark() {
        return run.attachment();
    }

    @Override
    public boolean isOwnRun(String candidate, long position) {
        Run.Standing standing = consumers.standing(spec.name(), Run.of(candidate));
        standing.requireRead(position);
        return standing.own();
    }

    @Override
    public Lanes lanes() {
        return spec.lanes();
    }

    @Override
    public long start() {
        return log.start();
    }

    @Override
    public long end() {
        return log.end();
    }

    @Override
    public LanePositions acknowledged() {
        synchronized (consumers) {
            return consumer.acknowledged();
        }
    }

    @Override
    public Lanes lanesWithStoredOffsets() {
        synchronized (consumers) {
            return consumer.lanesWithStoredOffsets;
        }
    }

    @Override
    public void offsetsStored(Lanes lanes) {
        if (!isEnded()) {
            consumers.offsetsStored(this, lanes.and(spec.lanes()));
        }
    }

    @Override
    public Doubt doubt() {
        synchronized (consumers) {
            return consumer.doubts.of(lanes());
        }
    }

    @Override
    public void doubt(Doubt doubt) {
        doubtKept = consumers.doubt(this, doubt);
    }

    @Override
    public boolean isDoubtKept() {
        return doubtKept;
    }

    @Override
    public void seek(LanePositions from) {
        requireOpen();
        if (reader != null) {
            throw new IllegalStateException("reading has begun already");
        }
        long end = Math.min(readBefore, log.end());
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            if (lanes().contains(lane) && from.at(lane) >= end) {
                throw new BufferException("lane " + lane + " should go on behind position " + from.at(lane)
                        + ", but the buffer ends before " + end
                        + ": its folder was restored from an older copy, or is another buffer's");
            }
        }
        consumers.begin(this, from);
    }

    /** Guarded by the lock of {@link ConsumerRegistry}. */
    void beginAt(LanePositions from) {
        long[] positions = new long[Lanes.COUNT];
        Arrays.setAll(positions, from::at);
        handled = positions;
        reader = new LogReader(
                log,
                spec.lanes(),
                spec.filters(),
                spec.ackMode() == AckMode.DELIVERED,
                from,
                consumer.acknowledged().lowest(lanes()));
    }

    /** Whether it drains its lanes. Guarded by the lock of {@link ConsumerRegistry}. */
    boolean hasBegun() {
        return handled != null;
    }

    /** The last position handled in a lane: what is known without this attachment, unless it drains the lane. */
    long handledIn(int lane, long otherwise) {
        long[] positions = handled;
        return positions == null || !lanes().contains(lane) ? otherwise : positions[lane];
    }

    /** Guarded by the lock of {@link ConsumerRegistry}. */
    void advance(LanePositions to, long highest) {
        long[] positions = handled;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            if (lanes().contains(lane)) {
                long position = Math.min(to.at(lane), highest);
                consumer.acknowledged[lane] = Math.max(consumer.acknowledged[lane], position);
                if (positions != null) {
                    positions[lane] = Math.max(positions[lane], position);
                }
            }
        }
    }

    @Override
    public ReadBatch read(int maxMessages, int maxBytes, Duration wait) throws InterruptedException {
        ReadBatch batch = reader().read(maxMessages, maxBytes, wait, this::isEnded);
        requireOpen();
        if (batch.messages().isEmpty() && batch.frontier() < log.end() && !reader().isFailing()) {
            // It ran out of time among records that are not wanted, and the log need not grow to have more.
            onReadable.run();
        }
        return batch;
    }

    @Override
    public void onReadable(Runnable action) {
        onReadable = action;
        log.addWatcher(spec.ackMode() == AckMode.DELIVERED ? Lanes.ALL : lanes(), action);
    }

    @Override
    public RecordBatch readRecords(int maxBytes, Duration wait) throws InterruptedException {
        RecordBatch batch = reader().readRecords(maxBytes, wait, this::isEnded);
        requireOpen();
        return batch;
    }

    private LogReader reader() {
        LogReader open = reader;
        if (open == null) {
            requireOpen();
            throw new IllegalStateException("seek says where reading begins, and was not called");
        }
        return open;
    }

    @Override
    public void acknowledge(LanePositions positions) {
        consumers.acknowledge(this, positions);
    }

    boolean isEnded() {
        return state != State.OPEN;
    }

    boolean isFenced() {
        return state == State.FENCED;
    }

    void fence() {
        state = State.FENCED;
        log.wakeReaders();
    }

    void bufferCloses() {
        state = State.BUFFER_CLOSED;
    }

    static FencedException fenced(AttachRequest spec) {
        return new FencedException(
                "connector '" + spec.name() + "' has attached to the buffer again: this attachment has ended");
    }

    private void requireOpen() {
        switch (state) {
            case OPEN -> {}
            case FENCED -> throw fenced(spec);
            case CLOSED -> throw new IllegalStateException("this attachment is closed");
            case BUFFER_CLOSED -> throw new BufferClosedException();
        }
    }

    @Override
    public void close() {
        if (state == State.OPEN) {
            state = State.CLOSED;
            consumers.detach(this);
        }
        log.removeWatcher(onReadable);
        log.wakeReaders();
        LogReader open = reader;
        if (open != null) {
            open.close();
        }
    }
}
