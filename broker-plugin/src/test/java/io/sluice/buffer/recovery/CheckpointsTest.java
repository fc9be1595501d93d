package io.sluice.buffer.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.file.FaultyFolder;
import io.sluice.file.Folder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CheckpointsTest {

    private static final int CONSUMER_BYTES = 900;
    private static final int CONSUMERS = 100;

    private final FaultyFolder folder = new FaultyFolder(Map.of());
    private final List<Long> changedAt = new ArrayList<>();
    private final List<Long> value = new ArrayList<>();
    private final Checkpoints checkpoints = new Checkpoints(folder, 0, this::remember);
    private long written;

    CheckpointsTest() {
        for (int i = 0; i < CONSUMERS; i++) {
            changedAt.add(0L);
            value.add(0L);
        }
    }

    private Checkpoint remember(long sequence, long since) {
        List<Checkpoint.StoredConsumers> parts = new ArrayList<>();
        for (int i = 0; i < CONSUMERS; i++) {
            if (changedAt.get(i) > since) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(CONSUMER_BYTES).putLong(i).putLong(value.get(i));
                parts.add(new Checkpoint.StoredConsumers(1, bytes.array()));
                written += CONSUMER_BYTES;
            }
        }
        return new Checkpoint(new UUID(1, 2), sequence, 0, 0, Checkpoint.Orphans.NONE, Openings.NONE, List.of(), parts);
    }

    private void change(int consumer) {
        changedAt.set(consumer, checkpoints.changed());
        value.set(consumer, value.get(consumer) + 1);
        assertThat(checkpoints.save()).isTrue();
    }

    private static List<Long> read(Folder folder) throws Exception {
        Long[] found = new Long[CONSUMERS];
        for (Checkpoint.StoredConsumers part : Checkpoints.read(folder, Checkpoints.NAMES)
                .newest()
                .orElseThrow()
                .consumers()) {
            ByteBuffer bytes = ByteBuffer.wrap(part.bytes());
            found[(int) bytes.getLong()] = bytes.getLong();
        }
        return List.of(found);
    }

    @Test
    void one_of_many_consumers_that_changes_costs_little_more_than_one_of_few() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            change(i * 7 % CONSUMERS);
        }
        assertThat(read(folder)).isEqualTo(value);
        // twice, once in each file, and sometimes all of them
        assertThat(written).isLessThan(1_000 * 3 * CONSUMER_BYTES);
    }

    @Test
    void of_two_files_the_older_one_is_one_checkpoint_behind_whatever_becomes_of_the_newer_one() throws Exception {
        for (int i = 0; i < 300; i++) {
            List<Long> before = List.copyOf(value);
            change(i % CONSUMERS);
            if (i > 0) {
                String newest = Checkpoints.NAMES.get((i + 1) % 2);
                Map<String, byte[]> left = folder.current();
                assertThat(read(new FaultyFolder(left))).isEqualTo(value);
                left.remove(newest);
                left.put(newest, new byte[0]);
                assertThat(read(new FaultyFolder(left))).isEqualTo(before);
            }
        }
    }

    @Test
    void a_change_that_is_damaged_is_said_and_costs_that_change_only() throws Exception {
        change(1);
        change(2);
        List<Long> before = List.copyOf(value);
        change(3);
        Map<String, byte[]> left = folder.current();
        byte[] newest = left.get(Checkpoints.NAMES.get(1));
        for (int at = 0; at < newest.length; at++) {
            if (newest[at] == 3 && newest[at + 8] == 1) {
                newest[at + 8] = 9; // how often the consumer has changed
            }
        }
        assertThat(Checkpoints.read(new FaultyFolder(left), Checkpoints.NAMES).damaged())
                .containsExactly(Checkpoints.NAMES.get(1));
        assertThat(read(new FaultyFolder(left))).isEqualTo(before);
    }

    @Test
    void what_an_earlier_longer_checkpoint_has_left_in_the_file_is_no_part_of_the_next() throws Exception {
        for (int i = 0; i < 20; i++) {
            change(i);
        }
        Checkpoint newest = Checkpoints.read(folder, Checkpoints.NAMES).newest().orElseThrow();
        Checkpoints.write(folder, newest.with(newest.consumers().subList(0, CONSUMERS)));
        assertThat(read(folder)).containsOnly(0L, 1L).hasSize(CONSUMERS);
        assertThat(Checkpoints.read(folder, Checkpoints.NAMES)
                        .newest()
                        .orElseThrow()
                        .consumers())
                .hasSize(CONSUMERS);
    }
}
