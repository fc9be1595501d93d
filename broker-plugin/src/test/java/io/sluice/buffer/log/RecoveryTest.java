package io.sluice.buffer.log;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.Attachment;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of each thing that can be wrong with a folder. */
@Timeout(120)
class RecoveryTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
    private static final int COUNT = 100;

    /** A buffer of several segments with {@link #COUNT} messages, of which consumer "c" has read none. */
    private Map<String, byte[]> disk = Map.of();

    @BeforeEach
    void write_several_segments() {
        FaultyFolder storage = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            for (Message message : numbered(COUNT)) {
                append(buffer, message).awaitSafe();
            }
        }
        disk = storage.safe();
        assertThat(segments()).hasSizeGreaterThan(4);
    }

    private List<String> segments() {
        return disk.keySet().stream().filter(name -> name.endsWith(".log")).toList();
    }

    private static long baseOf(String segment) {
        return SegmentName.baseIn(segment).orElseThrow();
    }

    private ReadBatch recover() throws Exception {
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("after")).awaitSafe();
            return readNow(consumer);
        }
    }

    private static List<String> allBut(long from, long to) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            if (i < from || i >= to) {
                texts.add("m" + i);
            }
        }
        texts.add("after");
        return texts;
    }

    private void assertAllDelivered() throws Exception {
        ReadBatch batch = recover();
        assertThat(batch.gaps()).isEmpty();
        assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(allBut(0, 0));
    }

    private void assertLost(long from, long to, ReadBatch batch) {
        assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(allBut(from, to));
        assertThat(batch.gaps()).hasSize(1);
        assertThat(batch.gaps().get(0).from()).isEqualTo(from);
        assertThat(batch.gaps().get(0).to()).isEqualTo(to);
    }

    @Test
    void a_folder_that_was_closed_cleanly_is_complete() throws Exception {
        assertAllDelivered();
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
            RecordLayout.encodeLedger(file, header.base(), 0, "client", Map.of(1, 2L), crc);
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
    void a_segment_of_a_newer_format_is_refused() {
        for (String segment :
                List.of(segments().get(1), segments().get(segments().size() - 1))) {
            write_several_segments();
            ByteBuffer header = ByteBuffer.wrap(disk.get(segment));
            header.putInt(4, SegmentHeader.VERSION + 1);
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(header.slice(0, 56));
            header.putInt(56, (int) crc.getValue());
            assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(disk)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(segment)
                    .hasMessageContaining("format version " + (SegmentHeader.VERSION + 1));
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

    @Test
    void a_folder_restored_from_an_older_copy_is_noticed_when_a_connector_asks_for_more() throws Exception {
        Map<String, byte[]> older = new TreeMap<>(disk);
        long position;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            appendAll(buffer, numbered(50));
            position = TestMessages.read(consumer, COUNT + 50).get(COUNT + 49).position();
        }
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(older))) {
            Attachment consumer = buffer.attach(spec("c"));
            assertThatThrownBy(() -> consumer.seek(LanePositions.all(position)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    @Test
    void a_folder_restored_from_an_older_copy_is_noticed_also_when_it_has_grown_beyond_what_was_read()
            throws Exception {
        Map<String, byte[]> older = new TreeMap<>(disk);
        String run;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            appendAll(buffer, numbered(50));
            TestMessages.read(consumer, COUNT + 50);
            run = consumer.run();
        }
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(older))) {
            appendAll(buffer, numbered(100));
            await().until(() -> buffer.stats().end() == COUNT + 100);
            Attachment consumer = buffer.attach(spec("c"));
            assertThatThrownBy(() -> consumer.isOwnRun(run, COUNT + 49))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    @Test
    void a_copy_that_was_made_while_the_buffer_was_open_is_told_apart_by_where_it_ends() throws Exception {
        FaultyFolder storage = new FaultyFolder(disk);
        Map<String, byte[]> older;
        String run;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            run = consumer.run();
            older = storage.current();
            appendAll(buffer, numbered(50));
            TestMessages.read(consumer, COUNT + 50);
        }
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(older))) {
            appendAll(buffer, numbered(100));
            Attachment consumer = buffer.attach(spec("c"));
            assertThat(consumer.isOwnRun(run, COUNT - 1)).isTrue();
            assertThatThrownBy(() -> consumer.isOwnRun(run, COUNT)).isInstanceOf(BufferException.class);
        }
    }

    @Test
    void what_was_read_under_any_earlier_opening_is_known_again_also_without_checkpoints() throws Exception {
        List<String> runs = new ArrayList<>();
        List<Long> read = new ArrayList<>();
        for (int opening = 0; opening < 5; opening++) {
            FaultyFolder storage = new FaultyFolder(disk);
            try (SharedBuffer buffer = TestMessages.open(CONFIG, storage);
                    Attachment consumer = attach(buffer, spec("c"))) {
                for (int i = 0; i < runs.size(); i++) {
                    assertThat(consumer.isOwnRun(runs.get(i), read.get(i))).isTrue();
                }
                append(buffer, message("m")).awaitSafe();
                List<StoredMessage> all = readNow(consumer).messages();
                runs.add(consumer.run());
                read.add(all.get(all.size() - 1).position());
            }
            disk = storage.safe();
        }
        Checkpoints.NAMES.forEach(disk::remove);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk))) {
            Attachment consumer = buffer.attach(spec("c"));
            for (int i = 0; i < runs.size(); i++) {
                assertThat(consumer.isOwnRun(runs.get(i), read.get(i))).isFalse();
            }
        }
    }

    @Test
    void older_segments_beside_a_newer_checkpoint_lose_what_is_missing_and_reuse_no_position() throws Exception {
        FaultyFolder storage = new FaultyFolder(disk);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            appendAll(buffer, numbered(50));
        }
        Map<String, byte[]> newer = storage.current();
        Checkpoints.NAMES.forEach(name -> disk.put(name, newer.get(name)));
        ReadBatch batch = recover();
        assertLost(COUNT, COUNT + 50, batch);
        assertThat(batch.messages().get(COUNT).position()).isGreaterThan(COUNT + 50);
    }

    @Test
    void newer_segments_beside_an_older_checkpoint_are_all_delivered() throws Exception {
        FaultyFolder storage = new FaultyFolder(disk);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            appendAll(buffer, numbered(50));
        }
        Map<String, byte[]> newer = storage.current();
        Checkpoints.NAMES.forEach(name -> newer.put(name, disk.get(name)));
        disk = newer;
        ReadBatch batch = recover();
        assertThat(batch.gaps()).isEmpty();
        assertThat(batch.messages()).hasSize(COUNT + 51);
    }

    @Test
    void a_damaged_checkpoint_costs_nothing_that_an_older_one_knows() throws Exception {
        for (String name : Checkpoints.NAMES) {
            for (int at = 0; at < 1_200; at += 13) {
                write_several_segments();
                disk.get(name)[at] ^= 0x10;
                assertAllDelivered();
            }
        }
    }

    @Test
    void a_checkpoint_of_a_newer_format_is_refused() {
        byte[] newest = disk.get(Checkpoints.NAMES.get(0));
        newest[7] = Checkpoint.VERSION + 1;
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(newest[7]);
        crc.update(newest, 12, 4 + ByteBuffer.wrap(newest).getInt(12));
        ByteBuffer.wrap(newest).putInt(8, (int) crc.getValue());
        assertThatThrownBy(() -> TestMessages.open(CONFIG, new FaultyFolder(disk)))
                .isInstanceOf(BufferException.class)
                .hasMessageContaining(Checkpoints.NAMES.get(0))
                .hasMessageContaining("format version " + newest[7]);
    }

    @Test
    void without_any_checkpoint_nothing_is_dropped_and_whoever_attaches_begins_at_the_start() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        FaultyFolder storage = new FaultyFolder(disk);
        TestMessages.open(CONFIG, storage).close();
        disk = storage.current();
        assertAllDelivered();
    }

    @Test
    void without_any_checkpoint_everybody_has_time_to_come_back_not_only_the_first() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment first = attach(buffer, spec("c"))) {
            assertThat(readNow(first).messages()).hasSize(COUNT);
            first.acknowledge(LanePositions.all(COUNT - 1));
            await().during(Duration.ofMillis(1_500)).until(() -> buffer.stats().start() == 0);
            try (Attachment second = attach(buffer, spec("d"))) {
                assertThat(readNow(second).messages()).hasSize(COUNT);
            }
        }
    }

    @Test
    void what_may_belong_to_somebody_unknown_is_dropped_before_a_message_finds_no_space() throws Exception {
        Checkpoints.NAMES.forEach(disk::remove);
        BufferConfig small =
                new BufferConfig(Optional.empty(), 8192, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(small, new FaultyFolder(disk));
                Attachment first = attach(buffer, spec("c"))) {
            assertThat(readNow(first).messages()).hasSize(COUNT);
            first.acknowledge(LanePositions.all(COUNT - 1));
            appendAll(buffer, numbered(60));
            assertThat(TestMessages.read(first, 60)).hasSize(60);
        }
    }

    @Test
    void any_flipped_bit_in_a_header_loses_nothing() throws Exception {
        for (int segment : List.of(0, 2, segments().size() - 1)) {
            for (int at = 0; at < SegmentHeader.BYTES; at++) {
                write_several_segments();
                disk.get(segments().get(segment))[at] ^= (byte) (1 << at % 8);
                assertAllDelivered();
            }
        }
    }

    @Test
    void any_flipped_bit_in_a_record_loses_this_record_and_says_so() throws Exception {
        List<String> names = segments();
        for (String name : List.of(names.get(0), names.get(2), names.get(names.size() - 1))) {
            int record = 40 + 6 + 3 + (baseOf(name) == 0 ? 2 : 3);
            for (int at = 0; at < record; at++) {
                write_several_segments();
                int second = SegmentHeader.BYTES + RecordLayout.HEADER_BYTES + record + RecordLayout.HEADER_BYTES;
                disk.get(segments().get(names.indexOf(name)))[second + at] ^= (byte) (1 << at % 8);
                assertLost(baseOf(name) + 1, baseOf(name) + 2, recover());
            }
        }
    }

    @Test
    void wiped_stretches_anywhere_lose_exactly_what_they_hit() throws Exception {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            write_several_segments();
            String name = segments().get(random.nextInt(segments().size()));
            byte[] file = disk.get(name);
            int length = 1 + random.nextInt(200);
            int from = SegmentHeader.BYTES + random.nextInt(file.length - SegmentHeader.BYTES);
            byte[] noise = new byte[length];
            if (random.nextBoolean()) {
                random.nextBytes(noise);
            }
            System.arraycopy(noise, 0, file, from, Math.min(length, file.length - from));
            ReadBatch batch = recover();
            List<Long> delivered =
                    batch.messages().stream().map(StoredMessage::position).toList();
            List<Long> lost = batch.gaps().stream()
                    .flatMap(gap ->
                            IntStream.range((int) gap.from(), (int) gap.to()).mapToObj(i -> (long) i))
                    .toList();
            assertThat(lost).doesNotContainAnyElementsOf(delivered);
            boolean atTheEnd = name.equals(segments().get(segments().size() - 1));
            if (!atTheEnd) {
                assertThat(delivered.size() - 1 + lost.size())
                        .as("round %d", round)
                        .isEqualTo(COUNT);
            }
            assertThat(lost.size()).isLessThanOrEqualTo(length / 40 + 2);
            batch.messages()
                    .subList(0, delivered.size() - 1)
                    .forEach(stored -> assertThat(TestMessages.text(stored)).isEqualTo("m" + stored.position()));
        }
    }

    @Test
    void a_payload_that_looks_like_a_record_is_never_delivered_as_one() throws Exception {
        String victim = segments().get(1);
        byte[] segment = disk.get(victim);
        byte[] stolen = Arrays.copyOfRange(segment, SegmentHeader.BYTES, SegmentHeader.BYTES + 260);
        FaultyFolder storage = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            appendAll(buffer, numbered((int) baseOf(victim) - 1));
            append(buffer, message("device", "a/b", stolen)).awaitSafe();
            append(buffer, message("behind")).awaitSafe();
        }
        Map<String, byte[]> other = storage.current();
        String holder =
                other.keySet().stream().filter(name -> name.endsWith(".log")).reduce("", (a, b) -> b);
        other.get(holder)[SegmentHeader.BYTES] ^= 1;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(other));
                Attachment consumer = attach(buffer, spec("c"))) {
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages())
                    .extracting(TestMessages::text)
                    .doesNotContain("m" + baseOf(victim))
                    .endsWith("behind");
        }
    }
}
