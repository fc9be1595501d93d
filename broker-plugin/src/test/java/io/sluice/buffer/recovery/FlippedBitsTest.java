package io.sluice.buffer.recovery;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged bytes anywhere in a segment. */
@Timeout(120)
class FlippedBitsTest extends DamagedFolder {

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
