package io.sluice.buffer.record;

import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.LogFiles;
import io.sluice.file.FaultyFolder;
import io.sluice.file.Folder;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages read as they lie in the log, and decoded elsewhere. */
@Timeout(60)
class RecordBatchTest {

    private static final int SEGMENT_BYTES = 4096;

    private final FaultyFolder storage = new FaultyFolder();

    private static SharedBuffer open(Folder storage) {
        return TestMessages.open(
                new BufferConfig(
                        Optional.empty(), 1 << 20, Overflow.BLOCK, SEGMENT_BYTES, Duration.ZERO, Duration.ZERO),
                storage);
    }

    private static void append(SharedBuffer buffer, List<Message> messages) {
        TestMessages.appendAll(buffer, messages);
        await().until(() -> buffer.stats().end() == messages.size());
    }

    /** All that can be read, as if each batch had come from elsewhere. */
    private static List<RecordBatch> receiveAll(Attachment consumer, int maxBytes) throws InterruptedException {
        List<RecordBatch> received = new ArrayList<>();
        long frontier = 0;
        while (frontier < consumer.end()) {
            RecordBatch batch = consumer.readRecords(maxBytes, Duration.ZERO);
            assertThat(batch.frontier()).isGreaterThan(frontier);
            frontier = batch.frontier();
            byte[] bytes = new byte[batch.records().remaining()];
            batch.records().get(bytes);
            received.add(new RecordBatch(ByteBuffer.wrap(bytes), batch.salt(), frontier, batch.gaps()));
        }
        return received;
    }

    private static List<StoredMessage> decode(List<RecordBatch> batches) {
        RecordDecoder decoder = new RecordDecoder();
        List<StoredMessage> messages = new ArrayList<>();
        for (RecordBatch batch : batches) {
            decoder.take(batch.requireIntact());
            while (!decoder.isDone()) {
                ReadBatch part = decoder.next(7, Integer.MAX_VALUE);
                messages.addAll(part.messages());
                assertThat(part.frontier())
                        .isGreaterThan(messages.get(messages.size() - 1).position());
            }
        }
        return messages;
    }

    @Test
    void records_decoded_elsewhere_are_the_messages_that_were_appended() throws Exception {
        Message full = new Message(
                MessageKind.WILL,
                "gerät",
                Optional.of("user"),
                Optional.of("gerät 7"),
                "a/b",
                Qos.EXACTLY_ONCE,
                true,
                true,
                65_535,
                1_700_000_000_001L,
                new PublishProperties(
                        true,
                        OptionalLong.of(4_294_967_295L),
                        Optional.of("text/plain"),
                        Optional.of("reply"),
                        Optional.of(ByteBuffer.wrap(new byte[] {1, 2})),
                        List.of(new UserProperty("k", "v"), new UserProperty("k", ""))),
                ByteBuffer.wrap(new byte[] {3}));
        Message bare = message("", "$t", new byte[0]);
        Message large = message("device", "a/b", new byte[600_000]);
        List<Message> messages = List.of(full, bare, large, full);
        try (SharedBuffer buffer = open(storage)) {
            try (Attachment consumer = attach(buffer, spec("c", "#", "$t"))) {
                append(buffer, messages);
                List<StoredMessage> decoded = decode(receiveAll(consumer, Integer.MAX_VALUE));
                assertThat(decoded).extracting(StoredMessage::message).isEqualTo(messages);
                assertThat(decoded).extracting(StoredMessage::position).containsExactly(0L, 1L, 2L, 3L);
                assertThat(decoded)
                        .extracting(StoredMessage::lane)
                        .containsExactly(Lanes.of("gerät"), Lanes.of(""), Lanes.of("device"), Lanes.of("gerät"));
            }
            try (Attachment consumer = buffer.attach(spec("c", "#", "$t"))) {
                consumer.seek(LanePositions.all(-1));
                assertThat(readNow(consumer).messages())
                        .extracting(StoredMessage::message)
                        .isEqualTo(messages);
            }
        }
    }

    @Test
    void only_what_the_consumer_wants_is_in_a_batch_whatever_lies_between() throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            // runs of both kinds, of one record and of many
            String topic = i % 7 == 0 || i % 50 > 40 ? "unwanted" : "wanted/" + i % 3;
            messages.add(message("device-" + i % 40, topic, "m" + i));
        }
        Lanes lanes = Lanes.NONE;
        for (int i = 0; i < 30; i++) {
            lanes = lanes.with(Lanes.of("device-" + i));
        }
        Lanes drained = lanes;
        LanePositions handled = LanePositions.of(lane -> lane % 5 * 20L);
        AttachRequest spec = new AttachRequest("c", List.of(TopicFilter.of("wanted/+")), AckMode.BUFFERED, drained);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            int lane = Lanes.of(messages.get(i).clientId());
            if (messages.get(i).topic().startsWith("wanted") && drained.contains(lane) && i > handled.at(lane)) {
                expected.add("m" + i);
            }
        }
        try (SharedBuffer buffer = open(storage)) {
            buffer.attach(spec("keeper"));
            append(buffer, messages);
            for (int maxBytes : new int[] {Integer.MAX_VALUE, 1000, 1}) {
                try (Attachment consumer = buffer.attach(spec)) {
                    consumer.seek(handled);
                    List<RecordBatch> received = receiveAll(consumer, maxBytes);
                    assertThat(decode(received)).extracting(TestMessages::text).isEqualTo(expected);
                    if (maxBytes == 1000) {
                        assertThat(received).allMatch(batch -> batch.records().remaining() <= maxBytes);
                    }
                    if (maxBytes == 1) {
                        assertThat(received.stream().filter(batch -> !batch.isEmpty()))
                                .hasSize(expected.size());
                    }
                }
            }
        }
    }

    @Test
    void a_record_damaged_on_the_disk_is_reported_and_in_no_batch() throws Exception {
        try (SharedBuffer buffer = open(storage)) {
            buffer.attach(spec("c"));
            append(buffer, numbered(30));
        }
        Map<String, byte[]> disk = storage.current();
        byte[] segment = disk.get(LogFiles.segment(0));
        int record = (segment.length - LogFiles.SEGMENT_HEADER_BYTES) / 30;
        segment[LogFiles.SEGMENT_HEADER_BYTES + 12 * record + record / 2] ^= 1;
        try (SharedBuffer buffer = open(new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            List<RecordBatch> received = receiveAll(consumer, Integer.MAX_VALUE);
            List<StoredMessage> decoded = decode(received);
            assertThat(decoded).hasSize(29).extracting(TestMessages::text).doesNotContain("m12");
            assertThat(received.stream().flatMap(batch -> batch.gaps().stream()))
                    .singleElement()
                    .satisfies(gap -> assertThat(gap.from()).isEqualTo(12))
                    .satisfies(gap -> assertThat(gap.to()).isEqualTo(13));
        }
    }

    @Test
    void a_batch_changed_on_its_way_is_refused() throws Exception {
        try (SharedBuffer buffer = open(storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, numbered(3));
            RecordBatch sent = receiveAll(consumer, Integer.MAX_VALUE).get(0);
            sent.requireIntact();
            for (int i = 0; i < sent.records().remaining(); i++) {
                ByteBuffer changed = copy(sent.records());
                changed.put(i, (byte) (changed.get(i) ^ 0x10));
                assertRefused(new RecordBatch(changed, sent.salt(), sent.frontier(), List.of()));
            }
            ByteBuffer cut = copy(sent.records());
            assertRefused(new RecordBatch(cut.limit(cut.limit() - 1), sent.salt(), sent.frontier(), List.of()));
            assertRefused(new RecordBatch(sent.records(), sent.salt() + 1, sent.frontier(), List.of()));
            assertThatThrownBy(() ->
                            new RecordBatch(2, sent.records(), sent.salt(), sent.frontier(), List.of()).requireIntact())
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("records of layout 2");
            assertRefused(new RecordBatch(sent.records(), sent.salt(), sent.frontier() - 1, List.of()));
            ByteBuffer twice = ByteBuffer.allocate(2 * sent.records().remaining())
                    .put(sent.records())
                    .put(sent.records())
                    .flip();
            assertRefused(new RecordBatch(twice, sent.salt(), sent.frontier(), List.of()));
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private static void assertRefused(RecordBatch batch) {
        assertThatThrownBy(batch::requireIntact)
                .isInstanceOf(BufferException.class)
                .hasMessageContaining("a batch of records");
    }

    @Test
    void an_attachment_that_decodes_messages_gives_no_records_away() throws Exception {
        try (SharedBuffer buffer = open(storage);
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, numbered(3));
            assertThat(consumer.read(1, 1, Duration.ZERO).frontier()).isEqualTo(1);
            assertThatThrownBy(() -> consumer.readRecords(1000, Duration.ZERO))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(readNow(consumer).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("m1", "m2");
        }
    }

    @Test
    void a_read_stops_at_its_bytes_also_if_the_messages_have_properties_and_no_payload() throws Exception {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1 << 22, Overflow.BLOCK, SEGMENT_BYTES, Duration.ZERO, Duration.ZERO);
        String half = "x".repeat(50_000);
        List<UserProperty> few = List.of(new UserProperty("k", half), new UserProperty("k", half));
        List<UserProperty> many = Collections.nCopies(1_000, new UserProperty("", ""));
        for (List<UserProperty> properties : List.of(few, many)) {
            try (SharedBuffer buffer = TestMessages.open(config, new FaultyFolder());
                    Attachment consumer = attach(buffer, spec("c"))) {
                append(buffer, Collections.nCopies(10, withoutPayload(properties)));
                assertThat(consumer.read(2_000, 200_000, Duration.ZERO).messages())
                        .hasSizeBetween(1, 3);
                assertThat(consumer.read(2_000, 1, Duration.ZERO).messages()).hasSize(1);
            }
        }
    }

    private static Message withoutPayload(List<UserProperty> properties) {
        return new Message(
                MessageKind.PUBLISH,
                "device",
                Optional.empty(),
                Optional.empty(),
                "a/b",
                Qos.AT_LEAST_ONCE,
                false,
                false,
                7,
                1_700_000_000_001L,
                new PublishProperties(
                        false, OptionalLong.empty(), Optional.empty(), Optional.empty(), Optional.empty(), properties),
                ByteBuffer.allocate(0));
    }
}
