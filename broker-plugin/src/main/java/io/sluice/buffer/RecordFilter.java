package io.sluice.buffer;

import io.sluice.message.TopicFilterIndex;
import java.nio.ByteBuffer;

/**
 * Which records one attachment wants: messages of its lanes and filters that are not handled yet. Decodes nothing of a
 * record but a topic that it has not met before. Not thread-safe.
 */
final class RecordFilter {

    private final long lanes;
    private final long[] handled = new long[Lanes.COUNT];
    private final TextCache topics;

    /** @param handled by lane, the last position that needs no reading */
    RecordFilter(ConsumerSpec spec, LanePositions handled) {
        this.lanes = spec.lanes().mask();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            this.handled[lane] = handled.at(lane);
        }
        this.topics = new TextCache(TopicFilterIndex.of(spec.filters())::matches);
    }

    /** Whether the intact record at an index of a chunk is wanted. */
    boolean wants(ByteBuffer in, int at, RecordHeader header) {
        int lane = header.lane();
        return (lanes >>> lane & 1) != 0
                && header.position() > handled[lane]
                && header.isMessage()
                && topics.get(in, at + header.topicOffset(), header.topicBytes())
                        .passes();
    }
}
