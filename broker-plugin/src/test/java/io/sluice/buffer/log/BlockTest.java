package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.RecordFilter;
import io.sluice.buffer.record.RecordHeader;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.message.TopicFilter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What several readers share of the log: each finds in it what is in its lanes, from wherever it begins. */
class BlockTest {

    private static final int OFFSET = 1_000;
    private static final List<TopicFilter> ALL = List.of(TopicFilter.of("#"));

    @Test
    void every_reader_finds_the_messages_of_its_lanes_in_order_a_few_at_a_time() {
        Random random = new Random(5);
        for (int round = 0; round < 300; round++) {
            int count = 1 + random.nextInt(300);
            ByteBuffer records = ByteBuffer.allocate(1 << 18);
            CRC32C crc = new CRC32C();
            List<Integer> lanes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String client = "device-" + random.nextInt(100);
                lanes.add(Lanes.of(client));
                RecordLayout.encode(records, i, TestMessages.message(client, "t", new byte[random.nextInt(200)]), crc);
            }
            Segment segment = new Segment(new SegmentHeader(new UUID(1, 2), 0, 0, 0, 0), SegmentHeader.BYTES);
            Block block = new Block(segment, OFFSET, count, records, 0, records.position());
            Lanes wanted =
                    new Lanes(round % 3 == 0 ? 1L << random.nextInt(64) : random.nextLong() & 0x1248_F00F_5555_0101L);
            int from = random.nextInt(count);

            assertThat(positions(block, from, wanted, 1 + random.nextInt(1_000), records.position()))
                    .isEqualTo(IntStream.range(from, count)
                            .filter(i -> wanted.contains(lanes.get(i)))
                            .mapToObj(i -> (long) i)
                            .toList());
        }
    }

    private static List<Long> positions(Block block, long from, Lanes wanted, int maxBytes, int bytes) {
        RecordFilter filter = new RecordFilter(wanted, ALL, LanePositions.all(-1));
        List<Long> found = new ArrayList<>();
        Segment.Place at = new Segment.Place(from, 0);
        while (at.position() < block.end()) {
            Gathered gathered = new Gathered();
            at = block.gather(at.position(), filter, new RecordHeader(), maxBytes, gathered);
            ByteBuffer records = gathered.records();
            for (int here = 0; here < records.limit(); here += RecordLayout.size(records, here)) {
                found.add(RecordLayout.position(records, here));
            }
        }
        assertThat(at.offset()).isEqualTo(OFFSET + bytes);
        return found;
    }
}
