package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilter;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a shared buffer promises those who append and read, on a disk and in memory. */
@Timeout(60)
class SharedBufferTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void messages_are_read_in_the_order_they_were_appended_with_rising_positions(Kept kept) throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 500; i++) {
                append(buffer, message("m" + i));
            }
            List<StoredMessage> messages = read(consumer, 500);
            assertThat(messages).hasSize(500);
            for (int i = 0; i < 500; i++) {
                assertThat(messages.get(i).position()).isEqualTo(i);
                assertThat(TestMessages.text(messages.get(i))).isEqualTo("m" + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everything_that_is_known_of_a_message_comes_back(Kept kept) throws Exception {
        Message full = new Message(
                MessageKind.WILL,
                "gerät-1",
                Optional.of(""),
                Optional.of("gerät 1"),
                "温度/室内",
                Qos.EXACTLY_ONCE,
                true,
                true,
                65_535,
                123,
                new PublishProperties(
                        true,
                        OptionalLong.of(4_294_967_295L),
                        Optional.of("text/plain"),
                        Optional.of("answer/here"),
                        Optional.of(ByteBuffer.wrap(new byte[] {1, 2, 3})),
                        List.of(new UserProperty("a", "1"), new UserProperty("a", ""), new UserProperty("", "ü"))),
                ByteBuffer.wrap("payload".getBytes(StandardCharsets.UTF_8)));
        try (SharedBuffer buffer = SharedBuffer.open(kept.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, full);
            StoredMessage stored = read(consumer, 1).get(0);
            assertThat(stored.message()).isEqualTo(full);
            assertThat(stored.lane()).isEqualTo(Lanes.of("gerät-1"));
        }
    }

    @Test
    void a_direct_payload_is_copied_before_append_returns() throws Exception {
        ByteBuffer payload =
                ByteBuffer.allocateDirect(4).put(new byte[] {1, 2, 3, 4}).flip().position(1);
        Message device = message("x");
        Message message = new Message(
                device.kind(),
                device.clientId(),
                device.username(),
                Optional.empty(),
                device.topic(),
                device.qos(),
                false,
                false,
                1,
                0,
                device.properties(),
                payload);
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message);
            payload.put(2, (byte) 99);
            assertThat(payload.remaining()).isEqualTo(3);
            assertThat(read(consumer, 1).get(0).message().payload()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3, 4}));
        }
    }

    @Test
    void a_message_larger_than_a_segment_and_than_a_group_is_kept() throws Exception {
        byte[] payload = new byte[9 << 20];
        payload[payload.length - 1] = 42;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder, Overflow.BLOCK, 64 << 20, 4096));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("before")).awaitSafe();
            append(buffer, message("device", "a", payload)).awaitSafe();
            append(buffer, message("after"));
            List<StoredMessage> messages = read(consumer, 3);
            assertThat(messages.get(1).message().payload()).isEqualTo(ByteBuffer.wrap(payload));
            assertThat(TestMessages.text(messages.get(2))).isEqualTo("after");
        }
    }

    @Test
    void what_was_appended_is_there_after_closing_and_opening() throws Exception {
        String id;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            id = buffer.id();
            buffer.attach(spec("c"));
            for (int i = 0; i < 300; i++) {
                append(buffer, message("m" + i));
            }
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            assertThat(buffer.id()).isEqualTo(id);
            append(buffer, message("new"));
            List<StoredMessage> messages = read(consumer, 301);
            assertThat(messages).extracting(TestMessages::text).startsWith("m0").endsWith("m299", "new");
            assertThat(messages.get(300).position()).isEqualTo(300);
        }
    }

    @Test
    void a_consumer_reads_only_its_lanes_and_filters() throws Exception {
        Lanes lanes = Lanes.NONE.with(Lanes.of("client-1")).with(Lanes.of("client-2"));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(
                        buffer, new AttachRequest("c", List.of(TopicFilter.of("a/+")), AckMode.BUFFERED, lanes))) {
            List<String> wanted = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String client = "client-" + i % 20;
                String topic = i % 3 == 0 ? "a/" + i % 7 : "b/" + i % 7;
                if (lanes.contains(Lanes.of(client)) && topic.startsWith("a/")) {
                    wanted.add("m" + i);
                }
                append(buffer, message(client, topic, "m" + i)).awaitSafe();
            }
            ReadBatch batch = readNow(consumer);
            assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(wanted);
            assertThat(batch.frontier()).isEqualTo(200);
        }
    }

    @Test
    void a_read_stops_at_its_limits_and_goes_on_from_there() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            for (int i = 0; i < 10; i++) {
                append(buffer, message("123456789" + i)).awaitSafe();
            }
            ReadBatch three = consumer.read(3, 1 << 20, Duration.ZERO);
            assertThat(three.messages()).hasSize(3);
            assertThat(three.frontier()).isEqualTo(3);
            assertThat(consumer.read(100, 150, Duration.ZERO).messages()).hasSize(3);
            assertThat(consumer.read(100, 1 << 20, Duration.ZERO).messages()).hasSize(4);
        }
    }

    @Test
    void a_reader_at_the_tail_is_woken_by_an_append() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            CompletableFuture<ReadBatch> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return consumer.read(10, 1 << 20, Duration.ofSeconds(30));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            append(buffer, message("m"));
            assertThat(reading.get(5, TimeUnit.SECONDS).messages()).hasSize(1);
        }
    }

    @Test
    void an_interrupted_reader_is_told_so_and_can_read_on() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("one")).awaitSafe();
            append(buffer, message("two")).awaitSafe();
            assertThat(consumer.read(1, 1 << 20, Duration.ZERO).messages()).hasSize(1);
            for (int i = 0; i < 2; i++) {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> consumer.read(1, 1 << 20, Duration.ofSeconds(5)))
                        .isInstanceOf(InterruptedException.class);
                assertThat(Thread.interrupted()).isFalse();
            }
            assertThat(consumer.read(1, 1 << 20, Duration.ZERO).messages())
                    .extracting(TestMessages::text)
                    .containsExactly("two");
        }
    }

    @Test
    void an_interrupted_thread_closes_the_buffer_completely() throws Exception {
        SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
        Attachment consumer = attach(buffer, spec("c"));
        append(buffer, message("one")).awaitSafe();
        consumer.acknowledge(LanePositions.all(0));
        Thread.currentThread().interrupt();
        buffer.close();
        assertThat(Thread.interrupted()).isTrue();
        try (SharedBuffer again = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(again.attach(spec("c")).acknowledged()).isEqualTo(LanePositions.all(0));
        }
    }

    @Test
    void reading_beyond_the_end_is_refused_in_a_sentence() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment consumer = buffer.attach(spec("c"));
            assertThatThrownBy(() -> consumer.seek(LanePositions.all(5)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    @Test
    void a_closed_buffer_refuses_everything() {
        SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
        Attachment consumer = attach(buffer, spec("c"));
        buffer.close();
        assertThat(buffer.append(List.of(message("m")), AppendListener.NONE))
                .isEqualTo(new Admission(0, Admission.Rest.REJECT, 1));
        assertThatThrownBy(() -> readNow(consumer)).isInstanceOf(BufferException.class);
        assertThatThrownBy(() -> buffer.attach(spec("c"))).isInstanceOf(BufferException.class);
        consumer.close();
    }
}
