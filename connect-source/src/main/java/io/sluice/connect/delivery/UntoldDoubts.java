package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.consumer.Doubts;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What tasks of this process left in doubt and their buffers have not confirmed to have on disk, since a broker was
 * away when a task ended. The next task of this process is told, unless one on another worker has come further since.
 * Thread-safe.
 */
final class UntoldDoubts {

    /** Kafka Connect does not tell a plugin that a connector was deleted, or goes on in another worker. */
    static final int MOST_KEPT = 1_000;

    private static final Map<Key, Untold> UNTOLD = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75F, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Untold> eldest) {
            return size() > MOST_KEPT;
        }
    });

    private UntoldDoubts() {}

    static int kept() {
        return UNTOLD.size();
    }

    private record Key(String connector, String buffer) {}

    /** @param acknowledged how far each lane had come then */
    private record Untold(Doubts doubts, LanePositions acknowledged) {

        private Untold with(Lanes lanes, Doubt doubt, LanePositions now) {
            return new Untold(
                    doubts.with(lanes, doubt),
                    LanePositions.of(lane -> lanes.contains(lane) ? now.at(lane) : acknowledged.at(lane)));
        }
    }

    /** What is in doubt for a task that has just attached to a buffer. */
    static Doubt before(String connector, Attachment buffer) {
        Doubts all = Doubts.NONE.with(buffer.lanes(), buffer.doubt());
        Untold untold = UNTOLD.get(new Key(connector, buffer.bufferId()));
        if (untold != null) {
            Lanes same = sameIn(buffer.acknowledged(), untold.acknowledged());
            for (Doubts.Left left : untold.doubts().left()) {
                all = all.with(left.lanes().and(same), left.doubt());
            }
        }
        return all.of(buffer.lanes());
    }

    private static Lanes sameIn(LanePositions now, LanePositions then) {
        return Lanes.ALL.stream()
                .filter(lane -> now.at(lane) <= then.at(lane))
                .boxed()
                .reduce(Lanes.NONE, Lanes::with, Lanes::or);
    }

    /** Tells a buffer what is in doubt, and keeps it until {@link #ended}. */
    static void tell(String connector, Attachment buffer, Doubt doubt) {
        LanePositions now = buffer.acknowledged();
        UNTOLD.compute(
                new Key(connector, buffer.bufferId()),
                (key, before) ->
                        (before == null ? new Untold(Doubts.NONE, now) : before).with(buffer.lanes(), doubt, now));
        buffer.doubt(doubt);
    }

    /** A task has detached from a buffer: keeps what it left in doubt if the buffer does not. */
    static void ended(String connector, Attachment buffer) {
        if (buffer.isDoubtKept()) {
            UNTOLD.computeIfPresent(
                    new Key(connector, buffer.bufferId()),
                    (key, untold) -> Optional.of(untold.doubts().without(buffer.lanes()))
                            .filter(rest -> !rest.equals(Doubts.NONE))
                            .map(rest -> new Untold(rest, untold.acknowledged()))
                            .orElse(null));
        }
    }
}
