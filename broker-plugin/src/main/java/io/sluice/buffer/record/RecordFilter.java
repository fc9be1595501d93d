package io.sluice.buffer.record;

import io.sluice.message.TopicFilter;
import io.sluice.message.TopicFilterIndex;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which records one attachment wants: messages of its lanes and filters that are not handled yet. Decodes nothing of a
 * record, but topics where there are many filters. Not thread-safe.
 */
public final class RecordFilter {

    /** To look at so many, one after the other, takes no longer than to find a topic among those that were met. */
    private static final int FEW = 4;

    private final Lanes lanes;
    private final LanePositions handled;
    private final List<TopicFilter> few;
    private final @Nullable TextCache<Boolean> many;

    /**
     * A filter for one attachment.
     *
     * @param handled by lane, the last position that is not wanted any more
     */
    public RecordFilter(Lanes lanes, List<TopicFilter> filters, LanePositions handled) {
        this.lanes = lanes;
        this.handled = handled;
        this.few = filters.size() <= FEW ? List.copyOf(filters) : List.of();
        this.many = few.isEmpty() ? new TextCache<>(TopicFilterIndex.of(filters)::matches) : null;
    }

    public Lanes lanes() {
        return lanes;
    }

    /** Whether the intact record at an index, with this header, is wanted. */
    public boolean wants(ByteBuffer in, int at, RecordHeader header) {
        int lane = header.lane();
        return lanes.contains(lane)
                && header.position() > handled.at(lane)
                && header.isMessage()
                && matches(in, at + header.topicOffset(), header.topicBytes());
    }

    private boolean matches(ByteBuffer in, int topicAt, int topicBytes) {
        TextCache<Boolean> known = many;
        if (known != null) {
            return known.get(in, topicAt, topicBytes);
        }
        for (int i = 0; i < few.size(); i++) {
            if (few.get(i).matches(in, topicAt, topicBytes)) {
                return true;
            }
        }
        return false;
    }
}
