package io.sluice.buffer.recovery;

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

import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Folders that were restored from a copy, as a whole or in part. */
@Timeout(120)
class RestoredFolderTest extends DamagedFolder {

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
    void older_segments_beside_a_newer_checkpoint_reuse_no_position_also_where_the_disk_was_full_at_first()
            throws Exception {
        FaultyFolder storage = new FaultyFolder(disk);
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            appendAll(buffer, numbered(50));
            StoredMessage last = TestMessages.read(consumer, COUNT + 50).get(COUNT + 49);
            consumer.acknowledge(LanePositions.of(lane -> lane == last.lane() ? last.position() : -1));
        }
        Map<String, byte[]> newer = storage.current();
        Checkpoints.NAMES.forEach(name -> disk.put(name, newer.get(name)));
        FaultyFolder full = new FaultyFolder(disk);
        full.setFreeBytes(0);
        TestMessages.open(CONFIG, full).close();
        full.setFreeBytes(Long.MAX_VALUE);

        try (SharedBuffer buffer = TestMessages.open(CONFIG, full)) {
            long before = buffer.stats().end();
            appendAll(buffer, numbered(60));
            await().until(() -> buffer.stats().end() == before + 60);
            try (Attachment consumer = attach(buffer, spec("c"))) {
                ReadBatch batch = readNow(consumer);
                assertThat(batch.messages()).hasSize(60);
                assertThat(batch.gaps()).singleElement().satisfies(gap -> {
                    assertThat(gap.from()).isEqualTo(COUNT);
                    assertThat(gap.to()).isEqualTo(COUNT + 50);
                });
            }
        }
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
}
