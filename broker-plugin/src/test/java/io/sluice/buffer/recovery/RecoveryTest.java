package io.sluice.buffer.recovery;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.FaultyFolder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments that are missing, empty, cut off, or not ours. */
@Timeout(120)
class RecoveryTest extends DamagedFolder {

    @Test
    void a_folder_that_was_closed_cleanly_is_complete() throws Exception {
        assertAllDelivered();
    }

    @Test
    void the_bytes_that_wait_are_known_of_all_segments() {
        long headers = (long) segments().size() * SegmentHeader.BYTES;
        long records =
                segments().stream().mapToLong(name -> disk.get(name).length).sum() - headers;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk))) {
            assertThat(buffer.backlog(0).bytes()).isEqualTo(records);
        }
    }

    @Test
    void an_empty_file_at_the_end_is_a_segment_that_was_never_completed_and_is_deleted() throws Exception {
        disk.put(SegmentName.of(COUNT), new byte[0]);
        assertAllDelivered();
        disk.put(SegmentName.of(COUNT), new byte[SegmentHeader.BYTES]);
        assertAllDelivered();
    }

    @Test
    void a_last_segment_without_records_is_used_again() throws Exception {
        FaultyFolder storage = new FaultyFolder(disk);
        TestMessages.open(CONFIG, storage).close();
        TestMessages.open(CONFIG, storage).close();
        assertThat(storage.current().keySet()).hasSize(disk.size() + 1);
        disk = storage.current();
        assertAllDelivered();
    }

    @Test
    void of_many_segments_without_records_each_is_read_a_few_times() throws Exception {
        int count = 200;
        long before = segments().stream().mapToLong(RecoveryTest::baseOf).max().orElseThrow();
        UUID id = SegmentHeader.decode(ByteBuffer.wrap(disk.get(SegmentName.of(before))))
                .orElseThrow()
                .bufferId();
        for (int i = 0; i < count; i++) {
            SegmentHeader header = new SegmentHeader(id, COUNT + 1 + i, before, COUNT, 0);
            CRC32C crc = new CRC32C();
            ByteBuffer file = ByteBuffer.allocate(200).put(header.encode());
            RecordLayout.encodeControl(file, RecordLayout.LEDGER, header.base(), 0, "client", 0, Map.of(1, 2L), crc);
            RecordLayout.seal(file, SegmentHeader.BYTES, header.salt(), crc);
            disk.put(SegmentName.of(header.base()), Arrays.copyOf(file.array(), file.position()));
            before = header.base();
        }
        FaultyFolder storage = new FaultyFolder(disk);
        AtomicInteger reads = new AtomicInteger();
        storage.failReadsFrom(name -> {
            reads.incrementAndGet();
            return false;
        });

        TestMessages.open(CONFIG, storage).close();

        assertThat(reads).hasValueLessThan(5 * count);
        disk = storage.current();
        assertAllDelivered();
    }

    @Test
    void a_missing_segment_is_reported_with_its_positions_and_the_rest_is_delivered() throws Exception {
        for (int i = 0; i < segments().size() - 1; i++) {
            write_several_segments();
            String missing = segments().get(i);
            long end = baseOf(segments().get(i + 1));
            disk.remove(missing);
            assertLost(baseOf(missing), end, recover());
        }
    }

    @Test
    void an_emptied_segment_in_the_middle_is_set_aside_and_reported() throws Exception {
        String emptied = segments().get(2);
        disk.put(emptied, new byte[0]);
        long end = baseOf(segments().get(3));
        assertLost(baseOf(emptied), end, recover());
    }

    @Test
    void missing_newest_segments_are_reported_and_their_positions_are_never_used_again() throws Exception {
        String last = segments().get(segments().size() - 1);
        disk.remove(last);
        ReadBatch batch = recover();
        assertLost(baseOf(last), COUNT, batch);
        assertThat(batch.messages().get(batch.messages().size() - 1).position()).isGreaterThan(COUNT);
    }

    @Test
    void segments_that_are_all_missing_are_reported() throws Exception {
        segments().forEach(disk::remove);
        ReadBatch batch = recover();
        assertThat(batch.messages()).extracting(TestMessages::text).containsExactly("after");
        assertThat(batch.gaps().stream().mapToLong(Gap::count).sum()).isEqualTo(COUNT);
        assertThat(batch.messages().get(0).position()).isGreaterThan(COUNT);
    }

    @Test
    void a_truncated_segment_in_the_middle_loses_what_was_cut_off() throws Exception {
        String cut = segments().get(2);
        long end = baseOf(segments().get(3));
        disk.put(cut, Arrays.copyOf(disk.get(cut), disk.get(cut).length - 1));
        assertLost(end - 1, end, recover());
    }

    @Test
    void what_is_missing_before_a_damaged_header_is_reported_too() throws Exception {
        for (int i = 0; i < segments().size() - 1; i++) {
            write_several_segments();
            String cut = segments().get(i);
            String next = segments().get(i + 1);
            disk.get(next)[0] ^= 1;
            disk.put(cut, Arrays.copyOf(disk.get(cut), disk.get(cut).length - 1));
            assertLost(baseOf(next) - 1, baseOf(next), recover());

            disk.remove(cut);
            assertLost(baseOf(cut), baseOf(next), recover());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void a_segment_of_another_format_is_refused(int versions) {
        for (String segment :
                List.of(segments().get(1), segments().get(segments().size() - 1))) {
            write_several_segments();
            ByteBuffer header = ByteBuffer.wrap(disk.get(segment));
            int version = header.getInt(4) + versions;
            header.putInt(4, version);
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(header.slice(0, 56));
            header.putInt(56, (int) crc.getValue());
            assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(disk)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(segment)
                    .hasMessageContaining("format version " + version);
        }
    }

    @Test
    void a_segment_of_another_buffer_is_refused() {
        Map<String, byte[]> first = disk;
        write_several_segments();
        String segment = segments().get(2);
        disk.put(segment, first.get(segment));
        assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(disk)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(segment)
                .hasMessageContaining("belongs to buffer");
    }

    @Test
    void a_file_that_is_not_ours_is_refused_in_a_folder_without_a_buffer_and_left_alone_beside_one() throws Exception {
        assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(Map.of("passwd", new byte[1]))))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("passwd");
        TestMessages.open(CONFIG, new FaultyFolder(Map.of(Recovery.SESSIONS, new byte[1], ".snapshot", new byte[0])))
                .close();
        disk.put("notes.txt", new byte[] {1});
        assertAllDelivered();
    }

    @Test
    void something_else_under_a_segments_name_is_set_aside() throws Exception {
        byte[] other = "this is a letter to my aunt ".repeat(30).getBytes(StandardCharsets.UTF_8);
        disk.put(SegmentName.of(COUNT), other);
        FaultyFolder storage = new FaultyFolder(disk);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("after")).awaitSafe();
            assertThat(readNow(consumer).messages())
                    .extracting(TestMessages::text)
                    .isEqualTo(allBut(0, 0));
        }
        assertThat(storage.current()).containsEntry(SegmentName.of(COUNT) + ".damaged", other);
    }
}
