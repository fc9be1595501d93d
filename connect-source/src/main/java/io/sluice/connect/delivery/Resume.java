package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.StoredMessage;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a task begins to read, decided lane by lane from what Kafka Connect holds and what the buffer knows.
 *
 * <ul>
 *   <li>An offset that this connector wrote: after it, or after what the buffer knows to be acknowledged, if that is
 *       further.
 *   <li>Any other offset was set by an operator: after it, whatever the buffer knows.
 *   <li>No offset, although Kafka Connect held one: an operator removed it, so from the start of the log. If all of them
 *       are gone, this goes for all lanes.
 *   <li>No offset at all: after what is acknowledged, which for a new connector is where it registered.
 * </ul>
 *
 * <p>An offset names a record; of a message that became several, the records after it are still to be handed over. That
 * message is read again, and its records up to the one named are left out. What was done is known from the offset alone,
 * which Kafka Connect stores in the transaction of the record. Immutable and thread-safe.
 */
final class Resume {

    private static final Logger LOG = LoggerFactory.getLogger(Resume.class);

    private final long[] handled = new long[Lanes.COUNT];

    /** By lane, the position of a message of which some records are done; none: -1. */
    private final long[] partlyDone = new long[Lanes.COUNT];

    private final String[] lastPartDone = new String[Lanes.COUNT];
    private final LanePositions acknowledged;
    private final long start;
    private final Lanes stored;

    /**
     * Decides where to begin.
     *
     * @param offsets what Kafka Connect holds for the lanes of the attachment
     * @param refused lanes of which Kafka Connect may count a message as done that is not in Kafka in any form: for
     *     these the buffer's position counts
     * @throws ConnectException if an offset is beyond the end of the log
     */
    Resume(Attachment buffer, Map<Integer, StoredOffset> offsets, Lanes refused) {
        this.acknowledged = buffer.acknowledged();
        this.start = buffer.start();
        this.stored = offsets.keySet().stream().reduce(Lanes.NONE, Lanes::with, Lanes::or);
        Arrays.fill(partlyDone, -1);
        Lanes known = buffer.lanesWithStoredOffsets();
        boolean allRemoved = known.intersects(buffer.lanes()) && !known.intersects(stored);
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            StoredOffset offset = offsets.get(lane);
            if (offset != null) {
                resumeAfter(offset, lane, buffer, refused.contains(lane));
            } else if (known.contains(lane) || allRemoved) {
                handled[lane] = start - 1;
            } else {
                handled[lane] = acknowledged.at(lane);
            }
        }
    }

    private void resumeAfter(StoredOffset offset, int lane, Attachment buffer, boolean refused) {
        if (offset.position() >= buffer.end()) {
            throw new ConnectException("Kafka Connect holds position " + offset.position() + " for lane " + lane
                    + " of buffer " + buffer.bufferId() + ", whose log ends before position " + buffer.end()
                    + ": the buffer's folder was restored from an older copy, or the offset was set to a position that"
                    + " does not exist yet. Bring the right folder back, or alter or reset the connector's offsets.");
        }
        boolean own = offset.run()
                .filter(run -> buffer.isOwnRun(run, offset.position()))
                .isPresent();
        if (!own) {
            explain(offset, lane, buffer);
        }
        if (own && (refused || acknowledged.at(lane) >= offset.position())) {
            handled[lane] = acknowledged.at(lane);
        } else if (offset.part().isPresent() && offset.position() >= start) {
            handled[lane] = offset.position() - 1;
            partlyDone[lane] = offset.position();
            lastPartDone[lane] = offset.part().get();
        } else {
            handled[lane] = offset.position();
        }
    }

    private void explain(StoredOffset offset, int lane, Attachment buffer) {
        if (offset.run().isPresent()) {
            LOG.warn(
                    "The offset of lane {} of buffer {} was written by a run that this buffer does not know, perhaps"
                            + " because its folder was restored from a copy: reading goes on after position {}",
                    lane,
                    buffer.bufferId(),
                    offset.position());
        } else if (offset.position() + 1 < start) {
            LOG.warn(
                    "The offset of lane {} of buffer {} was set to position {}, but the log begins at position {}:"
                            + " reading goes on from there",
                    lane,
                    buffer.bufferId(),
                    offset.position(),
                    start);
        }
    }

    /** By lane, the last position that needs no reading. */
    LanePositions handled() {
        return LanePositions.of(lane -> handled[lane]);
    }

    boolean isDone(StoredMessage message, String part) {
        int lane = message.lane();
        return message.position() == partlyDone[lane] && RecordPart.isDone(part, lastPartDone[lane]);
    }

    /** Whether a message is handed over again, because an operator said so. */
    boolean isReplay(StoredMessage message) {
        return message.position() <= acknowledged.at(message.lane());
    }

    Lanes lanesWithOffsets() {
        return stored;
    }
}
