package io.sluice.buffer.recovery;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import io.sluice.file.FaultyFolder.Forcing;
import io.sluice.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A power cut in the middle of a group, at every place where it can come. */
@Timeout(120)
class TornWriteTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ofDays(7));
    private static final int MARK_BYTES = RecordLayout.HEADER_BYTES;
    private static final int SAFE = 3;
    private static final int IN_LAST_GROUP = 4;

    private Forcing last = new Forcing("", Map.of(), new byte[0], new byte[0]);

    /** Three groups of one message each are safe; one group of four is written, and not forced yet. */
    @BeforeEach
    void write_groups_and_stop_before_the_last_one_is_forced() {
        FaultyFolder storage = new FaultyFolder();
        AtomicReference<Forcing> seen = new AtomicReference<>();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            for (int i = 0; i < SAFE; i++) {
                append(buffer, message("device-" + i, "t/" + i, "m" + i)).awaitSafe();
            }
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")) {
                    seen.compareAndSet(null, forcing);
                }
            });
            List<Message> group = new ArrayList<>();
            for (int i = SAFE; i < SAFE + IN_LAST_GROUP; i++) {
                group.add(message("device-" + i, "t/" + i, "m" + i));
            }
            TestMessages.Outcome outcome = new TestMessages.Outcome();
            buffer.append(group, outcome);
            outcome.awaitSafe();
        }
        last = seen.get();
    }

    private Map<String, byte[]> diskWith(byte[] segment) {
        Map<String, byte[]> disk = new TreeMap<>(last.disk());
        disk.put(last.name(), segment);
        return disk;
    }

    private int unsafeBytes() {
        return last.current().length - last.safe().length;
    }

    private int recordBytes() {
        return (unsafeBytes() - MARK_BYTES) / IN_LAST_GROUP;
    }

    @Test
    void a_group_cut_at_any_byte_leaves_whole_records_only_and_no_position_is_used_twice() throws Exception {
        assertThat(unsafeBytes()).isGreaterThan(IN_LAST_GROUP * RecordLayout.HEADER_BYTES);
        for (int kept = 0; kept <= unsafeBytes(); kept++) {
            byte[] torn = Arrays.copyOf(last.current(), last.safe().length + kept);
            List<StoredMessage> messages = recoverAndAppend(torn);
            int whole = messages.size() - 1;
            assertThat(whole).as("kept %d", kept).isBetween(SAFE, SAFE + IN_LAST_GROUP);
            assertThat(messages.subList(0, whole))
                    .as("kept %d", kept)
                    .extracting(TestMessages::text)
                    .isEqualTo(expected(whole));
            boolean cutBetweenRecords = kept == 0 || (kept >= MARK_BYTES && (kept - MARK_BYTES) % recordBytes() == 0);
            long next = messages.get(whole).position();
            if (cutBetweenRecords) {
                assertThat(next).as("kept %d", kept).isEqualTo(whole);
            } else {
                assertThat(next).as("kept %d", kept).isGreaterThan(whole);
            }
        }
    }

    @Test
    void a_group_of_which_any_byte_is_missing_counts_up_to_there_and_nothing_is_reported_as_lost() throws Exception {
        for (int hole = 0; hole < unsafeBytes(); hole += 7) {
            byte[] torn = last.current().clone();
            int at = last.safe().length + hole;
            Arrays.fill(torn, at, Math.min(at + 16, torn.length), (byte) 0);
            boolean recordHit = hole + 16 > MARK_BYTES;
            int whole = recordHit ? SAFE + Math.max(0, hole - MARK_BYTES) / recordBytes() : SAFE + IN_LAST_GROUP;
            List<StoredMessage> messages = recoverAndAppend(torn);
            assertThat(messages.subList(0, messages.size() - 1))
                    .as("hole at %d", hole)
                    .extracting(TestMessages::text)
                    .isEqualTo(expected(whole));
        }
    }

    /** Opens the disk, appends, reads all, and does it once more: recovery must not depend on being the first. */
    private List<StoredMessage> recoverAndAppend(byte[] segment) throws Exception {
        FaultyFolder storage = new FaultyFolder(diskWith(segment));
        List<StoredMessage> first;
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("after")).awaitSafe();
            ReadBatch batch = readNow(consumer);
            assertThat(batch.gaps()).isEmpty();
            first = batch.messages();
        }
        assertThat(first.get(first.size() - 1)).extracting(TestMessages::text).isEqualTo("after");
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(storage.safe()));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(readNow(consumer).messages()).isEqualTo(first);
        }
        return first;
    }

    private static List<String> expected(int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add("m" + i);
        }
        return texts;
    }
}
