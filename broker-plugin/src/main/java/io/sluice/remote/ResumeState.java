package io.sluice.remote;

import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.remote.wire.Attached;

/**
 * Keeps what an attachment has to tell the broker, to say all of it again over another connection. For one thread at a time.
 */
final class ResumeState {

    private final Lanes lanes;
    private LanePositions acknowledged;

    /** The same, but of what it reads again also what is acknowledged again. */
    private LanePositions handled;

    private boolean acknowledgedAny;
    private Lanes lanesWithStoredOffsets;
    private Doubt doubt;
    private int doubtNumber;
    private int doubtKept;
    private boolean keepsDoubtByLane;

    /** Begins with what the broker knows from earlier attachments. */
    ResumeState(Lanes lanes, Attached attached) {
        this.lanes = lanes;
        this.acknowledged = Wire.positions(attached.getAcknowledgedList());
        this.handled = acknowledged;
        this.lanesWithStoredOffsets = new Lanes(attached.getLanesWithStoredOffsets());
        this.doubt = attached.hasDoubt() ? Wire.doubt(attached.getDoubt()).in(lanes) : Doubt.NONE;
        this.keepsDoubtByLane = attached.getKeepsDoubtByLane();
    }

    LanePositions acknowledged() {
        return acknowledged;
    }

    Lanes lanesWithStoredOffsets() {
        return lanesWithStoredOffsets;
    }

    Doubt doubt() {
        return doubt;
    }

    boolean isDoubtKept() {
        return doubtKept == doubtNumber;
    }

    /** What is dealt with in this attachment, as the broker is to know it. */
    LanePositions handled() {
        return handled;
    }

    /** Reading begins, with all dealt with up to some positions. */
    void begin(LanePositions from) {
        handled = from;
    }

    void acknowledge(LanePositions positions) {
        acknowledged = raised(acknowledged, positions);
        handled = raised(handled, positions);
        acknowledgedAny = true;
    }

    private LanePositions raised(LanePositions before, LanePositions to) {
        return LanePositions.of(
                lane -> lanes.contains(lane) ? Math.max(before.at(lane), to.at(lane)) : before.at(lane));
    }

    /** Returns whether there is something new to say. */
    boolean offsetsStored(Lanes stored) {
        Lanes before = lanesWithStoredOffsets;
        lanesWithStoredOffsets = before.or(stored.and(lanes));
        return !lanesWithStoredOffsets.equals(before);
    }

    /** Returns whether there is something new to say. */
    boolean doubt(Doubt left) {
        if (doubt.equals(left)) {
            return false;
        }
        doubt = left;
        doubtNumber++;
        return true;
    }

    /** The broker has on its disk what was in doubt under this number; it may say so late, when it has said more since. */
    void doubtKept(int number) {
        doubtKept = Math.max(doubtKept, number);
    }

    void sayDoubt(BufferConnection to) {
        if (!isDoubtKept() && (keepsDoubtByLane || lanes.equals(Lanes.ALL))) {
            to.doubt(doubt, doubtNumber);
        }
    }

    /** Says all over a new connection, on which reading may begin afterwards. */
    void sayAgain(BufferConnection to) {
        keepsDoubtByLane = to.attached().getKeepsDoubtByLane();
        if (!lanesWithStoredOffsets.equals(Lanes.NONE)) {
            to.offsetsStored(lanesWithStoredOffsets);
        }
        if (acknowledgedAny) {
            to.acknowledge(handled);
        }
    }
}
