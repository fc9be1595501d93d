package io.sluice.buffer.log;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.qos2;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.release;
import static io.sluice.buffer.TestMessages.spec;
import static io.sluice.buffer.TestMessages.unreleased;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.Admission;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Fingerprint;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which packet ids of QoS 2 publishes the log knows to be in use, whatever happens to it. */
@Timeout(120)
class LedgerTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));

    private FaultyFolder storage = new FaultyFolder();

    private SharedBuffer open() {
        return TestMessages.open(CONFIG, storage);
    }

    private SharedBuffer reopen(Map<String, byte[]> disk) {
        storage = new FaultyFolder(disk);
        return open();
    }

    private static Map<String, Set<Integer>> unreleasedOn(Map<String, byte[]> disk) {
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk))) {
            return unreleased(buffer);
        }
    }

    @Test
    void a_qos_2_publish_takes_its_packet_id_until_it_is_released_or_the_session_ends() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "one")).awaitSafe();
            append(buffer, qos2("device", 2, "two")).awaitSafe();
            append(buffer, qos2("device", 65_535, "three")).awaitSafe();
            append(buffer, qos2("other", 2, "four")).awaitSafe();
            append(buffer, message("device", "a/b", "QoS 1 takes none")).awaitSafe();
            release(buffer, "device", 1, 65_535).awaitSafe();
            assertThat(unreleasedOn(storage.safe()))
                    .containsExactlyInAnyOrderEntriesOf(Map.of("device", Set.of(2), "other", Set.of(2)));
            buffer.endSession("other");
            append(buffer, qos2("other", 9, "of the next session")).awaitSafe();
        }
        assertThat(unreleasedOn(storage.safe()))
                .containsExactlyInAnyOrderEntriesOf(Map.of("device", Set.of(2), "other", Set.of(9)));
    }

    @Test
    void a_message_is_known_again_by_topic_and_payload_also_after_it_was_repeated_in_a_later_segment() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "one")).awaitSafe();
        }
        for (int opening = 0; opening < 3; opening++) {
            try (SharedBuffer buffer = reopen(storage.safe())) {
                long fingerprint =
                        buffer.unreleased().getOrDefault("device", Map.of()).getOrDefault(1, 0L);
                assertThat(fingerprint)
                        .isEqualTo(fingerprint("a/b", "one"))
                        .isNotEqualTo(fingerprint("a/b", "two"))
                        .isNotEqualTo(fingerprint("a/c", "one"))
                        .isNotEqualTo(fingerprint("a/bo", "ne"));
                buffer.attach(spec("c"));
                append(buffer, message("m" + opening)).awaitSafe();
            }
        }
    }

    private static long fingerprint(String topic, String payload) {
        return Fingerprint.of(topic, message(payload).payload());
    }

    @Test
    void trimming_keeps_what_is_unreleased_and_only_that() throws Exception {
        try (SharedBuffer buffer = open();
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, qos2("old", 7, "never released")).awaitSafe();
            for (int i = 0; i < 100; i++) {
                append(buffer, qos2("device", 1 + i % 3, "m" + i)).awaitSafe();
                release(buffer, "device", 1 + i % 3).awaitSafe();
            }
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).hasSize(101);
            consumer.acknowledge(LanePositions.all(batch.frontier() - 1));
            await().until(() -> buffer.stats().segments() == 1);
            assertThat(buffer.stats().bytes()).isLessThan(2_000);
        }
        assertThat(unreleasedOn(storage.safe())).containsExactly(Map.entry("old", Set.of(7)));
    }

    @Test
    void a_ledger_larger_than_a_segment_leaves_room_for_messages() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            for (int i = 1; i <= 500; i++) {
                append(buffer, qos2("device-" + i % 7, i, "m")).awaitSafe();
            }
            long bytes = buffer.stats().bytes();
            int segments = buffer.stats().segments();
            for (int i = 1; i <= 50; i++) {
                append(buffer, message("more")).awaitSafe();
            }
            assertThat(buffer.stats().segments() - segments).isLessThan(7);
            assertThat(buffer.stats().bytes() - bytes).isLessThan(50_000);
        }
        assertThat(unreleasedOn(storage.safe()).values().stream()
                        .mapToInt(Set::size)
                        .sum())
                .isEqualTo(500);
    }

    @Test
    void readers_see_messages_only() throws Exception {
        try (SharedBuffer buffer = open();
                Attachment consumer = attach(buffer, spec("c"))) {
            List<String> sent = new ArrayList<>();
            for (int i = 1; i <= 60; i++) {
                append(buffer, qos2("device", i, "m" + i)).awaitSafe();
                sent.add("m" + i);
                if (i % 2 == 0) {
                    release(buffer, "device", i).awaitSafe();
                }
            }
            buffer.endSession("device");
            append(buffer, message("last")).awaitSafe();
            sent.add("last");
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(sent);
            assertThat(batch.gaps()).isEmpty();
            assertThat(batch.frontier()).isEqualTo(buffer.stats().end());
            List<StoredMessage> messages = batch.messages();
            for (int i = 0; i < messages.size() - 1; i++) {
                try (Attachment behind = buffer.attach(spec("other"))) {
                    behind.seek(LanePositions.all(messages.get(i).position()));
                    assertThat(readNow(behind).messages()).isEqualTo(messages.subList(i + 1, messages.size()));
                }
            }
        }
    }

    @Test
    void a_release_waits_for_nothing_but_the_disk() {
        BufferConfig small =
                new BufferConfig(Optional.empty(), 2_400, Overflow.BLOCK, 1_000, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(small, storage)) {
            try (Attachment consumer = buffer.attach(spec("c"))) {
                append(buffer, qos2("device", 1, "m")).awaitSafe();
                assertThat(consumer.end()).isEqualTo(1);
            }
            Outcome withheld = append(buffer, qos2("device", 2, "x".repeat(800)));
            assertThat(buffer.append(List.of(message("x".repeat(1_500))), AppendListener.NONE)
                            .rest())
                    .isEqualTo(Admission.Rest.WAIT);
            release(buffer, "device", 1).awaitSafe();
            assertThat(withheld.isKnown()).isFalse();
        }
    }

    @Test
    void while_the_disk_takes_nothing_no_release_is_safe() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "m")).awaitSafe();
            storage.setFreeBytes(30);
            Outcome released = release(buffer, "device", 1);
            await().until(() -> buffer.stats().stalled());
            assertThat(released.isKnown()).isFalse();
            storage.setFreeBytes(1 << 20);
            released.awaitSafe();
        }
        assertThat(unreleasedOn(storage.safe())).isEmpty();
    }

    @ParameterizedTest(name = "left on the disk: {0}")
    @ValueSource(booleans = {true, false})
    void what_could_not_be_forced_takes_and_frees_no_packet_id(boolean left) {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "m")).awaitSafe();
            Outcome released = new Outcome();
            Outcome accepted = new Outcome();
            storage.onForce(failing(() -> {
                buffer.release("device", List.of(1), released);
                buffer.append(List.of(qos2("device", 2, "m")), accepted);
            }));
            assertThatThrownBy(append(buffer, qos2("device", 3, "m"))::awaitSafe)
                    .isNotNull();
            released.awaitSafe();
            accepted.awaitSafe();
            failNextForce();
            assertThatThrownBy(release(buffer, "device", 2)::awaitSafe).isNotNull();
            append(buffer, message("next")).awaitSafe();
        }
        assertThat(unreleasedOn(left ? storage.current() : storage.safe()))
                .containsExactly(Map.entry("device", Set.of(2)));
    }

    private void failNextForce() {
        storage.onForce(failing(() -> {}));
    }

    private static FaultyFolder.OnForce failing(Runnable before) {
        AtomicBoolean armed = new AtomicBoolean(true);
        return forcing -> {
            if (forcing.name().endsWith(".log") && armed.getAndSet(false)) {
                before.run();
                throw new IOException("force failed");
            }
        };
    }

    @Test
    void the_end_of_a_session_counts_also_if_its_force_failed() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "m")).awaitSafe();
            AtomicBoolean failed = new AtomicBoolean();
            storage.onForce(failing(() -> failed.set(true)));
            buffer.endSession("device");
            await().untilTrue(failed);
            append(buffer, qos2("device", 2, "m")).awaitSafe();
        }
        assertThat(unreleasedOn(storage.safe())).containsExactly(Map.entry("device", Set.of(2)));
    }

    @Test
    void what_was_in_the_log_may_be_acknowledged_when_a_consumer_is_attached_and_has_what_it_wants_delivered()
            throws Exception {
        AttachRequest delivered = new AttachRequest("c", spec("c").filters(), AckMode.DELIVERED, Lanes.ALL);
        try (SharedBuffer buffer = open()) {
            buffer.attach(delivered);
            buffer.append(List.of(qos2("device", 1, "m")), AppendListener.NONE);
        }
        try (SharedBuffer buffer = reopen(storage.safe())) {
            Outcome outcome = new Outcome();
            buffer.whenRecoveredIsSafe(Lanes.ALL, outcome);
            assertThat(outcome.isKnown()).isFalse();
            Attachment consumer = attach(buffer, delivered);
            long last = readNow(consumer).messages().get(0).position();
            await().during(Duration.ofMillis(100)).until(() -> !outcome.isKnown());
            consumer.acknowledge(LanePositions.all(last));
            outcome.awaitSafe();
        }
    }

    @Test
    void in_memory_it_is_the_same_without_files() {
        try (SharedBuffer buffer = SharedBuffer.open(CONFIG)) {
            buffer.attach(spec("c"));
            append(buffer, qos2("device", 1, "m")).awaitSafe();
            release(buffer, "device", 1).awaitSafe();
            buffer.endSession("device");
            assertThat(unreleased(buffer)).isEmpty();
        }
    }

    @Test
    void a_closed_buffer_takes_no_release() {
        SharedBuffer buffer = open();
        buffer.close();
        assertThat(buffer.release("device", List.of(1), AppendListener.NONE)).isFalse();
        buffer.endSession("device");
    }

    /** One exchange after the other, each known to be safe before the next; a crash after any step on the disk. */
    @Test
    void a_crash_after_any_step_leaves_every_id_as_it_was_told() {
        record Moment(Map<String, byte[]> disk, Set<Integer> certain, Set<Integer> possible) {}
        List<Moment> moments = new ArrayList<>();
        Set<Integer> certain = ConcurrentHashMap.newKeySet();
        Set<Integer> possible = ConcurrentHashMap.newKeySet();
        try (SharedBuffer buffer = open();
                Attachment consumer = attach(buffer, spec("c"))) {
            storage.afterEachStep(() -> {
                moments.add(new Moment(storage.current(), Set.copyOf(certain), Set.copyOf(possible)));
                moments.add(new Moment(storage.safe(), Set.copyOf(certain), Set.copyOf(possible)));
            });
            for (int id = 1; id <= 40; id++) {
                possible.add(id);
                append(buffer, qos2("device", id, "m" + id)).awaitSafe();
                certain.add(id);
                if (id > 4) {
                    certain.remove(id - 4);
                    release(buffer, "device", id - 4).awaitSafe();
                    possible.remove(id - 4);
                }
                if (id % 20 == 0) {
                    consumer.acknowledge(LanePositions.all(buffer.stats().end() - 1));
                    long before = buffer.stats().start();
                    await().until(() -> buffer.stats().start() > before);
                }
            }
        }
        assertThat(moments).hasSizeGreaterThan(150);
        for (int i = 0; i < moments.size(); i++) {
            Moment moment = moments.get(i);
            FaultyFolder left = new FaultyFolder(moment.disk());
            for (int opening = 0; opening < 2; opening++) {
                try (SharedBuffer buffer = TestMessages.open(CONFIG, left)) {
                    Set<Integer> ids = unreleased(buffer).getOrDefault("device", Set.of());
                    assertThat(ids).as("moment %d", i).containsAll(moment.certain());
                    assertThat(moment.possible()).as("moment %d", i).containsAll(ids);
                }
            }
        }
    }

    @Test
    void a_group_of_control_records_cut_at_any_byte_counts_as_far_as_it_is_whole() {
        List<FaultyFolder.Forcing> seen = new ArrayList<>();
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            append(buffer, qos2("a", 1, "m")).awaitSafe();
            append(buffer, qos2("b", 2, "m")).awaitSafe();
            append(buffer, qos2("b", 3, "m")).awaitSafe();
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")) {
                    seen.add(forcing);
                    if (seen.size() == 1) {
                        // gathers while this group is forced, so that all of it is one group
                        buffer.release("a", List.of(1), AppendListener.NONE);
                        buffer.endSession("b");
                        buffer.append(List.of(qos2("a", 4, "m")), AppendListener.NONE);
                    }
                }
            });
            append(buffer, message("first")).awaitSafe();
            await().until(() -> buffer.stats().end() == 7);
        }
        FaultyFolder.Forcing last = seen.get(1);
        int from = last.safe().length;
        int afterRelease = from + 2 * RecordLayout.HEADER_BYTES + 1;
        int afterEnd = afterRelease + RecordLayout.HEADER_BYTES + 1;
        for (int size = from; size <= last.current().length; size++) {
            Map<String, byte[]> disk = new TreeMap<>(last.disk());
            disk.put(last.name(), Arrays.copyOf(last.current(), size));
            Map<String, Set<Integer>> expected = new TreeMap<>();
            if (size < afterRelease) {
                expected.put("a", Set.of(1));
            } else if (size == last.current().length) {
                expected.put("a", Set.of(4));
            }
            if (size < afterEnd) {
                expected.put("b", Set.of(2, 3));
            }
            assertThat(unreleasedOn(disk)).as("cut at %d", size).isEqualTo(expected);
        }
    }

    /** Two segments, the second of which begins with three clients' ids. */
    private Map<String, byte[]> diskWithLedger() {
        try (SharedBuffer buffer = open()) {
            buffer.attach(spec("c"));
            for (String client : List.of("a", "b", "c")) {
                append(buffer, qos2(client, 1, "m")).awaitSafe();
            }
        }
        try (SharedBuffer buffer = reopen(storage.safe())) {
            append(buffer, qos2("d", 1, "m"));
        }
        return storage.safe();
    }

    @Test
    void a_ledger_cut_at_any_byte_is_known_from_the_segment_before() {
        Map<String, byte[]> disk = diskWithLedger();
        String name = SegmentName.of(3);
        byte[] segment = disk.get(name);
        int ledgerEnd = SegmentHeader.BYTES + 3 * (RecordLayout.HEADER_BYTES + 1 + 10);
        for (int size = SegmentHeader.BYTES; size <= ledgerEnd; size++) {
            disk.put(name, Arrays.copyOf(segment, size));
            FaultyFolder cut = new FaultyFolder(disk);
            for (int opening = 0; opening < 2; opening++) {
                try (SharedBuffer buffer = TestMessages.open(CONFIG, cut)) {
                    assertThat(unreleased(buffer)).as("cut at %d", size).containsOnlyKeys("a", "b", "c");
                }
            }
        }
    }

    @Test
    void a_damaged_ledger_is_known_from_the_segment_before_and_else_without_the_clients_that_were_hit() {
        Map<String, byte[]> disk = diskWithLedger();
        disk.get(SegmentName.of(3))[SegmentHeader.BYTES + RecordLayout.HEADER_BYTES] ^= 1;
        assertThat(unreleasedOn(disk)).containsOnlyKeys("a", "b", "c", "d");

        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            Attachment consumer = attach(buffer, spec("c"));
            consumer.acknowledge(LanePositions.all(2));
            await().until(() -> buffer.stats().start() == 3);
        }
        Map<String, byte[]> trimmed = storage.safe();
        trimmed.get(SegmentName.of(3))[SegmentHeader.BYTES + RecordLayout.HEADER_BYTES] ^= 1;
        trimmed.remove(SegmentName.of(4));
        Map<String, Set<Integer>> left = unreleasedOn(trimmed);
        assertThat(left).hasSize(3).containsKey("d");
        assertThat(Set.of("a", "b", "c", "d")).containsAll(left.keySet());
    }
}
