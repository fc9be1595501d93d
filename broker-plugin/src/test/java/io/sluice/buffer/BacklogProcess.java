package io.sluice.buffer;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A process that lets a backlog grow and reads it again, and dies if its heap does not suffice. */
final class BacklogProcess {

    private static final int PAYLOAD = 1000;
    private static final int BATCH = 200;

    private BacklogProcess() {}

    public static void main(String[] args) throws InterruptedException {
        long bytes = Long.parseLong(args[1]);
        BufferConfig config = new BufferConfig(
                Optional.of(Path.of(args[0])), 1L << 40, Overflow.BLOCK, 64 << 20, Duration.ZERO, Duration.ZERO);
        long count = bytes / PAYLOAD / BATCH * BATCH;
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"));
            for (long i = 0; i < count; i += BATCH) {
                Message message = TestMessages.message("client-" + i % 1000, "topic/" + i % 3000, new byte[PAYLOAD]);
                TestMessages.appendAll(buffer, Collections.nCopies(BATCH, message));
            }
            read(consumer, count);
        }
        try (SharedBuffer buffer = SharedBuffer.open(config)) {
            read(TestMessages.attach(buffer, TestMessages.spec("c")), count);
        }
        System.out.println("all " + count + " messages were read twice");
    }

    private static void read(Attachment consumer, long count) throws InterruptedException {
        long next = 0;
        while (next < count) {
            List<StoredMessage> messages =
                    consumer.read(2000, 4 << 20, Duration.ofSeconds(30)).messages();
            for (StoredMessage message : messages) {
                if (message.position() != next++) {
                    throw new IllegalStateException("position " + message.position() + " instead of " + (next - 1));
                }
            }
        }
    }
}
