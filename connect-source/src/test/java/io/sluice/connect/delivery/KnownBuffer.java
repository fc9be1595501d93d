package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.Optional;

/**
 * What a buffer says of itself, for decisions that depend on nothing else. It cannot be read from.
 */
record KnownBuffer(long start, long end, LanePositions acknowledged, Lanes lanesWithStoredOffsets)
        implements Attachment {

    static final String OWN_RUN = "own";

    @Override
    public String bufferId() {
        return "b1";
    }

    @Override
    public String run() {
        return OWN_RUN;
    }

    @Override
    public boolean isOwnRun(String run, long position) {
        return run.equals(OWN_RUN);
    }

    @Override
    public Lanes lanes() {
        return Lanes.ALL;
    }

    @Override
    public void offsetsStored(Lanes lanes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Doubt doubt() {
        return Doubt.NONE;
    }

    @Override
    public void doubt(Doubt doubt) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isDoubtKept() {
        return true;
    }

    @Override
    public void seek(LanePositions from, LanePositions handled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ReadBatch read(int maxMessages, int maxBytes, Duration wait) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RecordBatch readRecords(int maxBytes, Duration wait) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onReadable(Runnable action) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void acknowledge(LanePositions handled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<StoredMessage> birth(String topic, long before) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
