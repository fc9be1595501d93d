package io.sluice.buffer.consumer;

import io.sluice.buffer.consumer.ConsumerRegistry.Held;
import io.sluice.buffer.consumer.LaneHold.State;
import io.sluice.buffer.log.Births;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.LogReader;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordDecoder;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connector's hold on a buffer of this process; as thread-safe as any {@link Attachment}. */
public final class LocalAttachment implements Attachment {

    private final ConsumerRegistry consumers;
    private final Log log;
    private final Births births;
    private final Held held;
    private final LaneHold hold;

    /** One text, since Kafka Connect keeps it with the offset of each record. */
    private final String run;

    private volatile boolean doubtKept = true;
    private volatile @Nullable LogReader reader;
    private volatile Runnable onReadable = () -> {};

    private LocalAttachment(ConsumerRegistry consumers, Log log, Births births, Held held) {
        this.consumers = consumers;
        this.log = log;
        this.births = births;
        this.held = held;
        this.hold = held.hold();
        this.run = hold.run.toString();
        hold.onFenced(this::fenced);
    }

    /**
     * Attaches a consumer, and remembers it. Waits for the disk.
     *
     * @param registration the position at which a consumer registers that the buffer does not know
     * @return empty if it is not known, and the disk does not take what is to be remembered of it
     */
    public static Optional<Attachment> attach(
            ConsumerRegistry consumers, Log log, Births births, AttachRequest request, long registration) {
        Held held = consumers.attach(request, registration);
        LocalAttachment attachment = of(consumers, log, births, held);
        return consumers.keep(held) ? Optional.of(attachment) : Optional.empty();
    }

    /**
     * Attaches a consumer again under its run, after its attachment was cut off. Waits for the disk.
     *
     * @throws FencedException if a newer attachment was given one of the lanes
     * @throws BufferException if the consumer is not known, or did not get this run
     */
    public static Attachment resume(
            ConsumerRegistry consumers, Log log, Births births, AttachRequest request, Run run) {
        Held held = consumers.resume(request, run);
        LocalAttachment attachment = of(consumers, log, births, held);
        consumers.keep(held);
        return attachment;
    }

    private static LocalAttachment of(ConsumerRegistry consumers, Log log, Births births, Held held) {
        try {
            return new LocalAttachment(consumers, log, births, held);
        } catch (RuntimeException | Error e) {
            consumers.takeBack(held);
            throw e;
        }
    }

    @Override
    public String bufferId() {
        return log.bufferId().toString();
    }

    @Override
    public String run() {
        return run;
    }

    @Override
    public boolean isOwnRun(String candidate, long position) {
        Run.Standing standing = consumers.standing(hold.request.name(), Run.of(candidate));
        standing.requireRead(position);
        return standing.own();
    }

    @Override
    public Lanes lanes() {
        return hold.lanes();
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
            return held.consumer().acknowledged();
        }
    }

    @Override
    public Lanes lanesWithStoredOffsets() {
        synchronized (consumers) {
            return held.consumer().lanesWithStoredOffsets;
        }
    }

    @Override
    public void offsetsStored(Lanes lanes) {
        if (!isEnded()) {
            consumers.offsetsStored(held.consumer(), lanes.and(lanes()));
        }
    }

    @Override
    public Doubt doubt() {
        synchronized (consumers) {
            return held.consumer().doubts.of(lanes());
        }
    }

    @Override
    public void doubt(Doubt doubt) {
        doubtKept = consumers.doubt(held, doubt);
    }

    @Override
    public boolean isDoubtKept() {
        return doubtKept;
    }

    @Override
    public void seek(LanePositions from, LanePositions handled) {
        hold.requireOpen();
        if (reader != null) {
            throw new IllegalStateException("reading has begun already");
        }
        from.requireBelow(Math.min(hold.readBefore, log.end()), lanes(), "the buffer");
        LanePositions delivered = consumers.begin(held, from.orLower(handled));
        LogReader begun = new LogReader(
                log,
                lanes(),
                hold.request.filters(),
                hold.request.ackMode() == AckMode.DELIVERED,
                from,
                delivered.lowest(lanes()));
        reader = begun;
        if (isEnded()) {
            begun.close();
        }
        consumers.save();
    }

    @Override
    public ReadBatch read(int maxMessages, int maxBytes, Duration wait) throws InterruptedException {
        ReadBatch batch = reader().read(maxMessages, maxBytes, wait, this::isEnded);
        hold.requireOpen();
        if (batch.messages().isEmpty() && batch.frontier() < log.end() && !reader().isFailing()) {
            // It ran out of time among records that are not wanted, and the log need not grow to have more.
            onReadable.run();
        }
        return batch;
    }

    @Override
    public RecordBatch readRecords(int maxBytes, Duration wait) throws InterruptedException {
        RecordBatch batch = reader().readRecords(maxBytes, wait, this::isEnded);
        hold.requireOpen();
        return batch;
    }

    private LogReader reader() {
        LogReader open = reader;
        if (open == null) {
            hold.requireOpen();
            throw new IllegalStateException("seek says where reading begins, and was not called");
        }
        return open;
    }

    @Override
    public void onReadable(Runnable action) {
        onReadable = action;
        log.addWatcher(hold.request.ackMode() == AckMode.DELIVERED ? Lanes.ALL : lanes(), action);
    }

    @Override
    public void acknowledge(LanePositions positions) {
        consumers.acknowledge(held, positions);
    }

    @Override
    public Optional<StoredMessage> birth(String topic, long before) {
        hold.requireOpen();
        Optional<RecordBatch> found = births.find(log, topic, before);
        hold.requireOpen(); // a buffer that has closed meanwhile knows none
        return found.map(RecordDecoder::only);
    }

    private boolean isEnded() {
        return hold.state() != State.OPEN;
    }

    private void fenced() {
        LogReader open = reader;
        if (open != null) {
            open.wake();
        }
        onReadable.run();
    }

    @Override
    public void close() {
        consumers.close(held);
        log.removeWatcher(onReadable);
        LogReader open = reader;
        if (open != null) {
            open.wake();
            open.close();
        }
    }
}
