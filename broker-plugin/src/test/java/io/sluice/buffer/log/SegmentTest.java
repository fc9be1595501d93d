package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentTest {

    private static final int SEGMENT_BYTES = 64 << 20;

    private static Segment segment() {
        return new Segment(new SegmentHeader(new UUID(1, 2), 1_000, 0, 1_000, 0), SegmentHeader.BYTES);
    }

    @Test
    void it_knows_a_record_no_further_than_a_few_megabytes_before_any_position() {
        Segment segment = segment();
        for (int offset = SegmentHeader.BYTES, i = 0; offset < SEGMENT_BYTES; offset += 100, i++) {
            segment.note(1_000 + i, offset);
        }
        for (int i = 0; i < SEGMENT_BYTES / 100; i += 1_000) {
            Segment.Place near = segment.nearest(1_000 + i);
            assertThat(near.position()).isBetween(1_000L, 1_000L + i);
            assertThat(near.offset()).isEqualTo(SegmentHeader.BYTES + (near.position() - 1_000) * 100);
            assertThat(1_000 + i - near.position()).isLessThanOrEqualTo((4 << 20) / 100 + 1);
        }
    }

    @Test
    void what_it_knows_stays_small_whoever_passes_it_in_whatever_order() {
        Segment segment = segment();
        for (int round = 0; round < 3; round++) {
            for (int offset = SegmentHeader.BYTES, i = 0; offset < SEGMENT_BYTES; offset += 1_000, i++) {
                segment.note(1_000 + i, offset);
            }
        }
        long distinct = 0;
        Segment.Place before = new Segment.Place(-1, -1);
        for (int i = 0; i < SEGMENT_BYTES / 1_000; i++) {
            Segment.Place near = segment.nearest(1_000 + i);
            distinct += near.equals(before) ? 0 : 1;
            before = near;
        }
        assertThat(distinct).isLessThanOrEqualTo(17);
    }
}
