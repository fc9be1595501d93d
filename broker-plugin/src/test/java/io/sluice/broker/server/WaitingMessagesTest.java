package io.sluice.broker.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a stock Moquette hands over while the buffer is full. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class WaitingMessagesTest {

    private static final int PAYLOAD = 1_000;

    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 1 << 18, Overflow.BLOCK, 1 << 15, Duration.ZERO, Duration.ZERO));
    private final Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"));

    @AfterEach
    void close() {
        consumer.close();
        buffer.close();
    }

    /** Hands over so many; whoever does so never waits. */
    private static void handOver(WaitingMessages messages, int from, int to) {
        for (int i = from; i < to; i++) {
            messages.append(TestMessages.message("device", "a/b", (i + "x".repeat(PAYLOAD)).getBytes(UTF_8)));
        }
    }

    /** Reads and acknowledges until nothing comes any more, and returns the numbers. */
    private List<Integer> drain() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        for (List<StoredMessage> read = read(); !read.isEmpty(); read = read()) {
            numbers.add(Integer.valueOf(TestMessages.text(read.get(0)).replace("x", "")));
            consumer.acknowledge(LanePositions.all(read.get(0).position()));
        }
        return numbers;
    }

    private List<StoredMessage> read() throws Exception {
        return TestMessages.read(consumer, 1);
    }

    @Test
    void waits_in_memory_and_comes_in_order_when_there_is_space() throws Exception {
        handOver(new WaitingMessages(buffer, 1 << 24), 0, 1_000);

        assertThat(drain()).hasSize(1_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void is_dropped_alone_if_the_buffer_can_never_take_it() throws Exception {
        WaitingMessages messages = new WaitingMessages(buffer, 1 << 24);
        handOver(messages, 0, 1);
        messages.append(TestMessages.message("device", "a/".repeat(40_000), new byte[1]));
        handOver(messages, 1, 1_000);

        assertThat(drain()).hasSize(1_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void is_dropped_when_the_memory_for_it_is_used_up_and_taken_again_when_there_is_space() throws Exception {
        WaitingMessages messages = new WaitingMessages(buffer, 100 * PAYLOAD);
        handOver(messages, 0, 10_000);
        assertThat(drain()).startsWith(0, 1, 2).isSorted().hasSizeBetween(100, 1_000);

        handOver(messages, 10_000, 10_003);

        assertThat(drain()).containsExactly(10_000, 10_001, 10_002);
    }
}
