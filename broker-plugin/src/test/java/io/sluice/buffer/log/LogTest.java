package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sluice.buffer.record.Lanes;
import io.sluice.file.Folder;
import io.sluice.file.MemoryFolder;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogTest {

    private final Folder folder = new MemoryFolder();
    private final UUID id = UUID.randomUUID();
    private final SegmentHeader header = new SegmentHeader(id, 0, 0, 0, System.currentTimeMillis());
    private final Log log = new Log(
            folder, id, List.of(header), Map.of(0L, (long) SegmentHeader.BYTES), 0, new Losses(new Drops(), List.of()));
    private final Segment segment = log.last();
    private final AtomicInteger woken = new AtomicInteger();

    @BeforeEach
    void twoReaders() {
        log.begin(Lanes.NONE.with(1), woken::incrementAndGet);
        log.begin(Lanes.NONE.with(2), woken::incrementAndGet);
    }

    @AfterEach
    void close() {
        folder.close();
    }

    @Test
    void readers_are_woken_for_what_there_was_no_memory_to_keep() {
        log.publish(segment, new Segment.Extent(SegmentHeader.BYTES + 100L, 1), () -> {
            throw new OutOfMemoryError("Java heap space");
        });
        assertThat(log.end()).isEqualTo(1);
        assertThat(woken).hasValue(2);
    }

    @Test
    void no_memory_is_taken_for_what_is_too_large_to_be_kept() {
        log.publish(
                segment,
                new Segment.Extent(SegmentHeader.BYTES + (64L << 20), 1),
                () -> fail("a block was made that no cache keeps"));
        assertThat(log.end()).isEqualTo(1);
        assertThat(woken).hasValue(2);
    }
}
