package io.sluice.buffer.log;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Blocks that several readers come to one after the other; the oldest go when there are too many. Thread-safe. */
final class BlockCache {

    private final ConcurrentSkipListMap<Long, Block> blocks = new ConcurrentSkipListMap<>();
    private final Queue<Block> byAge = new ArrayDeque<>();
    private final long maxBytes;
    private long bytes;

    /** @param maxBytes what they may take of the memory */
    BlockCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Keeps a block, unless it would push out most of the others. */
    synchronized void put(Block block) {
        if (block.bytes() > maxBytes / 2) {
            return;
        }
        // in this order: a block that finds no memory for its place among the others is still counted, and goes
        byAge.add(block);
        bytes += block.bytes();
        blocks.put(block.from(), block);
        while (bytes > maxBytes) {
            Block oldest = byAge.remove();
            blocks.remove(oldest.from(), oldest);
            bytes -= oldest.bytes();
        }
    }

    /** The block that holds a position of a segment; null if there is none. */
    @Nullable
    Block holding(Segment segment, long position) {
        Map.Entry<Long, Block> found = blocks.floorEntry(position);
        return found != null && found.getValue().holds(segment, position) ? found.getValue() : null;
    }

    synchronized void clear() {
        blocks.clear();
        byAge.clear();
        bytes = 0;
    }
}
