package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.message;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A process whose heap is smaller than its buffer in memory may be: fills it, and prints whether it goes on when it is drained. */
final class FullHeapProcess {

    private static final int BYTES = 100_000;

    private FullHeapProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        BufferConfig config = new BufferConfig(
                Optional.empty(), 1L << 30, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"))) {
            byte[] payload = new byte[BYTES];
            while (!buffer.stats().stalled() && buffer.stats().failure().isEmpty()) {
                if (buffer.append(List.of(message("device", "a/b", payload)), AppendListener.NONE)
                                .accepted()
                        == 0) {
                    Thread.onSpinWait();
                }
            }
            System.out.println("stopped: " + buffer.stats().failure().isPresent());
            TestMessages.Outcome after = new TestMessages.Outcome();
            boolean accepted = false;
            long last = -1;
            while (!after.isKnown()) {
                for (StoredMessage message :
                        consumer.read(10, 1 << 20, Duration.ZERO).messages()) {
                    last = message.position();
                }
                consumer.acknowledge(LanePositions.all(last));
                accepted = accepted
                        || buffer.append(List.of(message("after")), after).accepted() > 0;
            }
            after.awaitSafe();
            System.out.println("goes on");
        }
    }
}
