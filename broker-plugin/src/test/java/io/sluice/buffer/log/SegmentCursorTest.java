package io.sluice.buffer.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import io.sluice.file.MemoryFolder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class SegmentCursorTest {

    private static final int SALT = 17;

    private static ByteBuffer records(int... payloads) {
        ByteBuffer out = ByteBuffer.allocate(16 << 20);
        CRC32C crc = new CRC32C();
        for (int i = 0; i < payloads.length; i++) {
            int at = out.position();
            RecordLayout.encode(out, i, TestMessages.message("device", "t", new byte[payloads[i]]), crc);
            RecordLayout.seal(out, at, SALT, crc);
        }
        return out.flip();
    }

    @Test
    void a_flipped_bit_in_a_size_takes_no_memory_for_a_record_that_is_none() throws Exception {
        ByteBuffer records = records(100, 6 << 20, 100);
        records.putInt(4, records.getInt(4) | 1 << 22);
        try (Folder folder = new MemoryFolder();
                Folder.File file = folder.create("segment")) {
            file.write(records, 0);
            SegmentCursor cursor = new SegmentCursor(file, SALT, 0, SegmentCursor.newChunk());
            int before = cursor.chunk().capacity();
            assertThat(cursor.look(0, file.size())).isEqualTo(SegmentCursor.Found.DAMAGE);
            assertThat(cursor.chunk().capacity()).isEqualTo(before);
            assertThat(cursor.resynchronize(0, file.size())).isTrue();
            assertThat(RecordLayout.position(cursor.chunk(), cursor.at())).isEqualTo(1);
        }
    }

    @Test
    void what_several_readers_share_does_not_grow_with_the_longest_record_before_it() throws Exception {
        int[] payloads = new int[2_000];
        Arrays.fill(payloads, 1_000);
        payloads[0] = 6 << 20;
        try (Folder folder = new MemoryFolder();
                Folder.File file = folder.create("segment")) {
            file.write(records(payloads), 0);
            SegmentCursor cursor = new SegmentCursor(file, SALT, 0, SegmentCursor.newChunk());
            assertThat(cursor.look(0, file.size())).isEqualTo(SegmentCursor.Found.RECORD);
            cursor.next();
            Segment segment = new Segment(new SegmentHeader(new UUID(1, 2), 0, 0, 0, 0), SegmentHeader.BYTES);
            for (long position = 1; position < payloads.length; ) {
                assertThat(cursor.look(position, file.size())).isEqualTo(SegmentCursor.Found.RECORD);
                Block block = cursor.block(segment, payloads.length);
                assertThat(block.bytes()).isLessThan(300_000);
                assertThat(block.from()).isEqualTo(position);
                position = block.end();
            }
            assertThat(cursor.offset()).isEqualTo(file.size());
        }
    }

    @Test
    void a_record_that_is_longer_than_what_is_read_at_a_time_is_found_whole() throws Exception {
        ByteBuffer records = records(100, 6 << 20, 100);
        try (Folder folder = new MemoryFolder();
                Folder.File file = folder.create("segment")) {
            file.write(records, 0);
            SegmentCursor cursor = new SegmentCursor(file, SALT, 0, SegmentCursor.newChunk());
            for (int position = 0; position < 3; position++) {
                assertThat(cursor.look(position, file.size())).isEqualTo(SegmentCursor.Found.RECORD);
                assertThat(RecordLayout.position(cursor.chunk(), cursor.at())).isEqualTo(position);
                cursor.next();
            }
            assertThat(cursor.look(3, file.size())).isEqualTo(SegmentCursor.Found.END);
        }
    }
}
