package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordDecoder;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.ForwardingFolder;
import io.sluice.file.MemoryFolder;
import io.sluice.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tasks of a connector, each with some lanes of one log. */
@Timeout(120)
class ManyReadersTest {

    private static final int TASKS = Lanes.COUNT;
    private static final int CLIENTS = 500;

    private final CountingFolder folder = new CountingFolder();
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 1L << 30, Overflow.BLOCK, 4 << 20, Duration.ZERO, Duration.ZERO, true),
            folder);
    private final List<Task> tasks = new ArrayList<>();

    /** Counts what is read of segments. */
    private static final class CountingFolder extends ForwardingFolder {
        private final AtomicLong bytesRead = new AtomicLong();

        private CountingFolder() {
            super(new MemoryFolder());
        }

        @Override
        protected File handedOut(String name, File file) {
            return new ForwardingFile(file) {
                @Override
                public int read(ByteBuffer into, long offset) throws IOException {
                    int bytes = super.read(into, offset);
                    if (name.endsWith(".log")) {
                        bytesRead.addAndGet(Math.max(0, bytes));
                    }
                    return bytes;
                }
            };
        }
    }

    /** One task, and what it has read: it fails on what is not its own, comes twice, or is out of order. */
    private static final class Task {
        private final Attachment consumer;
        private final Lanes lanes;
        private final AtomicInteger rung = new AtomicInteger();
        private final RecordDecoder decoder = new RecordDecoder();
        private long messages;
        private long last = -1;
        private long frontier;

        private Task(SharedBuffer buffer, Lanes lanes, long handled) {
            this.lanes = lanes;
            consumer =
                    buffer.attach(new AttachRequest("c", TestMessages.spec("c").filters(), AckMode.BUFFERED, lanes));
            consumer.onReadable(rung::incrementAndGet);
            consumer.seek(LanePositions.all(handled));
        }

        private void read(int maxBytes, Duration wait) throws InterruptedException {
            RecordBatch batch = consumer.readRecords(maxBytes, wait);
            assertThat(batch.gaps()).isEmpty();
            decoder.take(batch.requireIntact());
            ReadBatch read = decoder.next(Integer.MAX_VALUE, Integer.MAX_VALUE);
            for (StoredMessage stored : read.messages()) {
                assertThat(lanes.contains(stored.lane())).isTrue();
                assertThat(stored.position()).isGreaterThan(last);
                last = stored.position();
                messages++;
            }
            frontier = read.frontier();
        }
    }

    @AfterEach
    void close() {
        tasks.forEach(task -> task.consumer.close());
        buffer.close();
    }

    private void attach(long handled) {
        for (int lane = 0; lane < TASKS; lane++) {
            tasks.add(new Task(buffer, Lanes.NONE.with(lane), handled));
        }
    }

    private static Message message(int i) {
        return TestMessages.message("device-" + i % CLIENTS, "factory/line-" + i % 7, new byte[200 + i % 300]);
    }

    private void append(int from, int count) {
        Message[] messages = new Message[count];
        Arrays.setAll(messages, i -> message(from + i));
        TestMessages.appendAll(buffer, List.of(messages));
    }

    private void appendSafely(int from, int count) {
        append(from, count - 1);
        TestMessages.append(buffer, message(from + count - 1)).awaitSafe();
    }

    private long messages() {
        return tasks.stream().mapToLong(task -> task.messages).sum();
    }

    @Test
    void sixty_four_tasks_at_the_end_of_a_log_read_each_byte_at_most_twice() throws Exception {
        attach(-1);
        AtomicBoolean done = new AtomicBoolean();
        List<CompletableFuture<Void>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            List<Task> own = tasks.subList(i * TASKS / 4, (i + 1) * TASKS / 4);
            readers.add(CompletableFuture.runAsync(() -> {
                try {
                    while (!done.get()
                            || own.stream()
                                    .anyMatch(task ->
                                            task.frontier < buffer.stats().end())) {
                        for (Task task : own) {
                            task.read(100_000, Duration.ZERO);
                        }
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        int count = 0;
        for (; count < 60_000; count += 500) {
            appendSafely(count, 500);
        }
        done.set(true);
        for (CompletableFuture<Void> reader : readers) {
            reader.join();
        }
        assertThat(messages()).isEqualTo(count);
        assertThat(folder.bytesRead.get())
                .isLessThanOrEqualTo(2 * buffer.stats().bytes());
    }

    @Test
    void sixty_four_tasks_that_come_to_a_backlog_together_read_each_byte_at_most_twice() throws Exception {
        buffer.attach(TestMessages.spec("c")).close(); // keeps the backlog, however slow the machine is
        appendSafely(0, 60_000);
        attach(-1);
        long before = folder.bytesRead.get();
        while (tasks.stream().anyMatch(task -> task.frontier < buffer.stats().end())) {
            for (Task task : tasks) {
                task.read(50_000, Duration.ZERO);
            }
        }
        assertThat(messages()).isEqualTo(60_000);
        assertThat(folder.bytesRead.get() - before)
                .isLessThanOrEqualTo(2 * buffer.stats().bytes());
    }

    @Test
    void only_those_are_woken_for_whose_lanes_something_came() throws Exception {
        attach(-1);
        int lane = Lanes.of("device-1");
        for (int i = 0; i < 50; i++) {
            TestMessages.append(buffer, message(1)).awaitSafe();
        }
        for (Task task : tasks) {
            assertThat(task.rung.get()).as("lanes %s", task.lanes).isLessThan(task.lanes.contains(lane) ? 1_000 : 10);
            task.read(1 << 20, Duration.ZERO);
        }
        assertThat(tasks.get(lane).rung.get()).isGreaterThanOrEqualTo(50);
        assertThat(tasks.get(lane).messages).isEqualTo(50);
        assertThat(tasks).allMatch(task -> task.frontier == 50);
    }
}
