package io.sluice.broker.memory;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** A process with a small heap that queues a message of its own for each place in each of many sessions. */
final class MemoryHeapProcess {

    private MemoryHeapProcess() {}

    public static void main(String[] args) {
        int sessions = Integer.parseInt(args[1]);
        int messages = Integer.parseInt(args[2]);
        MemoryConfig config = new MemoryConfig(
                Optional.of(Path.of(args[0])),
                new MemoryLimits(10_000, messages, 1L << 30, 10, 100_000, 10, 1 << 20, 4L << 30),
                InstantSource.system());
        long begun = System.nanoTime();
        try (BrokerMemory memory = BrokerMemory.open(config)) {
            for (int s = 0; s < sessions; s++) {
                memory.save(TestMemory.session("client-" + s));
            }
            for (int m = 0; m < messages; m++) {
                for (int s = 0; s < sessions; s++) {
                    if (!memory.queue("client-" + s).add(TestMemory.publish("sensors/t", "m" + m + " of " + s))) {
                        TestMemory.safe(memory)
                                .handle((done, failure) -> failure == null)
                                .join();
                        s--;
                    }
                }
                TestMemory.safe(memory)
                        .handle((done, failure) -> failure == null)
                        .join();
            }
            TestMemory.awaitSafe(memory);
            say("queued", begun, memory);
        }
        begun = System.nanoTime();
        try (BrokerMemory memory = BrokerMemory.open(config)) {
            say("opened", begun, memory);
            QueuedPublish taken = memory.queue("client-7").take().orElseThrow();
            if (memory.stats().queuedMessages() != (long) sessions * messages
                    || !TestMemory.text(taken).equals("m0 of 7")) {
                throw new IllegalStateException("not all is there: " + memory.stats() + " " + taken);
            }
        }
    }

    private static void say(String what, long begun, BrokerMemory memory) {
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        System.out.printf(
                "%s %d messages in %d ms: %d MiB of heap, %d MiB of journal%n",
                what,
                memory.stats().queuedMessages(),
                (System.nanoTime() - begun) / 1_000_000,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                memory.stats().journalBytes() >> 20);
    }
}
