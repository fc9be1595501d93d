package io.sluice.buffer;

import static io.sluice.buffer.TestMessages.message;

import io.sluice.buffer.consumer.Attachment;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A process that has too little direct memory for the end of what it appends, and prints what its buffer has then. */
final class FullMemoryProcess {

    private FullMemoryProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        BufferConfig config =
                new BufferConfig(Optional.empty(), 1 << 26, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = SharedBuffer.open(config);
                Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("c"))) {
            TestMessages.append(buffer, message("before")).awaitSafe();
            try {
                buffer.append(
                        List.of(message("one"), message("two"), message("device", "a/b", new byte[3 << 20])),
                        AppendListener.NONE);
            } catch (OutOfMemoryError e) {
                System.out.println("failed");
            }
            try {
                buffer.release("x".repeat(60_000), Collections.nCopies(20, 1), AppendListener.NONE);
            } catch (OutOfMemoryError e) {
                System.out.println("failed");
            }
            TestMessages.append(buffer, message("after")).awaitSafe();
            TestMessages.read(consumer, 4)
                    .forEach(stored -> System.out.println(stored.position() + " " + TestMessages.text(stored)));
        }
    }
}
