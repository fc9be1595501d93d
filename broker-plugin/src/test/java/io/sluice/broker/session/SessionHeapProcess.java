package io.sluice.broker.session;

import java.nio.file.Path;
import java.util.Optional;

/** A process with a small heap that queues a separate message for each place in each of many sessions. */
final class SessionHeapProcess {

    private SessionHeapProcess() {}

    public static void main(String[] args) {
        int sessions = Integer.parseInt(args[1]);
        int messages = Integer.parseInt(args[2]);
        Optional<Path> dir = Optional.of(Path.of(args[0]));
        SessionLimits limits = new SessionLimits(10_000, messages, 1L << 30, 10, 100_000, 10, 1 << 20, 4L << 30);
        long begun = System.nanoTime();
        try (SessionStore store = SessionStore.open(dir, limits)) {
            for (int s = 0; s < sessions; s++) {
                store.save(TestSessions.session("client-" + s));
            }
            for (int m = 0; m < messages; m++) {
                for (int s = 0; s < sessions; s++) {
                    if (!store.queue("client-" + s).add(TestSessions.publish("sensors/t", "m" + m + " of " + s))) {
                        TestSessions.safe(store)
                                .handle((done, failure) -> failure == null)
                                .join();
                        s--;
                    }
                }
                TestSessions.safe(store)
                        .handle((done, failure) -> failure == null)
                        .join();
            }
            TestSessions.awaitSafe(store);
            say("queued", begun, store);
        }
        begun = System.nanoTime();
        try (SessionStore store = SessionStore.open(dir, limits)) {
            say("opened", begun, store);
            QueuedPublish taken = store.queue("client-7").take().orElseThrow();
            if (store.stats().queuedMessages() != (long) sessions * messages
                    || !TestSessions.text(taken).equals("m0 of 7")) {
                throw new IllegalStateException("not all is there: " + store.stats() + " " + taken);
            }
        }
    }

    private static void say(String what, long begun, SessionStore store) {
        Runtime runtime = Runtime.getRuntime();
        runtime.gc();
        System.out.printf(
                "%s %d messages in %d ms: %d MiB of heap, %d MiB of journal%n",
                what,
                store.stats().queuedMessages(),
                (System.nanoTime() - begun) / 1_000_000,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                store.stats().journalBytes() >> 20);
    }
}
