package io.sluice.buffer.consumer;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.util.Arrays;

/**
 * One attachment as its consumer knows it: the lanes that it asks for, how far it has come in them, and whether it goes on.
 * Guarded by the lock of {@link ConsumerRegistry}, but for its state.
 */
final class LaneHold {

    enum State {
        OPEN,
        FENCED,
        CLOSED,
        BUFFER_CLOSED
    }

    final AttachRequest request;
    final Run run;

    /** Where it may begin at most, if it goes on after one that read under an earlier opening. */
    final long readBefore;

    private volatile State state = State.OPEN;
    private volatile Runnable onFenced = () -> {};

    /** By lane, the last position handled; empty until it drains its lanes. */
    private long[] handled = {};

    LaneHold(AttachRequest request, Run run, long readBefore) {
        this.request = request;
        this.run = run;
        this.readBefore = readBefore;
    }

    Lanes lanes() {
        return request.lanes();
    }

    State state() {
        return state;
    }

    void end(State ended) {
        state = ended;
    }

    void onFenced(Runnable action) {
        onFenced = action;
    }

    void fence() {
        end(State.FENCED);
        onFenced.run();
    }

    void beginAt(LanePositions from) {
        handled = new long[Lanes.COUNT];
        Arrays.setAll(handled, from::at);
    }

    boolean hasBegun() {
        return handled.length > 0;
    }

    /** The last position handled in a lane: what is known without this attachment, unless it drains the lane. */
    long handledIn(int lane, long otherwise) {
        return hasBegun() && lanes().contains(lane) ? handled[lane] : otherwise;
    }

    void advance(int lane, long position) {
        if (hasBegun()) {
            handled[lane] = Math.max(handled[lane], position);
        }
    }

    FencedException fenced() {
        return new FencedException(
                "connector '" + request.name() + "' has attached to the buffer again: this attachment has ended");
    }

    /** @throws FencedException or another exception, if it has ended */
    void requireOpen() {
        switch (state) {
            case OPEN -> {}
            case FENCED -> throw fenced();
            case CLOSED -> throw new IllegalStateException("this attachment is closed");
            case BUFFER_CLOSED -> throw new BufferClosedException();
        }
    }
}
