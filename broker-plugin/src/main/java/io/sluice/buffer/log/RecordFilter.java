package io.sluice.buffer.log;

import io.sluice.message.TopicFilter;
import io.sluice.message.TopicFilterIndex;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Which records one attachment wants: messages of its lanes and filters that are not handled yet. Decodes nothing of a
 * record but a topic that it has not met before. Not thread-safe.
 */
final class RecordFilter {

    private final long lanes;
    private final long[] handled = new long[Lanes.COUNT];
    private final TextCache topics;

    /** @param handled by lane, the last position that needs no reading */
    RecordFilter(Lanes lanes, List<TopicFilter> filters, LanePositions handled) {
        this.lanes = lanes.mask();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            this.handled[lane] = handled.at(lane);
        }
        this.topics = new TextCache(TopicFilterIndex.of(filters)::matches);
    }

    /** The topics that it has met lately. */
    TextCache topics() {
        return topics;
    }

    /** Whether anything in a lane may be wanted. */
    boolean wantsLane(int lane) {
        return (lanes >>> lane & 1) != 0;
    }

    /** Whether the intact record at an index of a chunk is wanted. */
    boolean wants(ByteBuffer in, int at, RecordHeader header) {
        int lane = header.lane();
        return wantsLane(lane)
                && header.position() > handled[lane]
                && header.isMessage()
                && topics.get(in, at + header.topicOffset(), header.topicBytes())
                        .passes();
    }
}
