package io.sluice.broker.session;

import io.sluice.file.DiskFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * A process that puts numbers through a queue, and the last one into a retained message, until it is killed. It says on
 * its standard output up to which number all are safe ({@code S number}), and up to which their removal is ({@code R
 * number}).
 */
final class SessionWriterProcess {

    static final String CLIENT = "client";
    static final String TOPIC = "number";
    private static final int BATCH = 20;
    private static final int KEPT = 200;

    /** So small that the journal is written anew several times a second. */
    private static final long SMALL_BYTES = 100_000;

    private SessionWriterProcess() {}

    static SessionStore open(Path dir) throws IOException {
        SessionLimits limits = new SessionLimits(10_000, 10_000, 1L << 30, 10, 100_000, 10, 1 << 20, 1L << 30);
        StoreClock clock = new StoreClock(InstantSource.system(), System::nanoTime);
        return SessionStore.open(DiskFolder.open(dir), limits, clock, SMALL_BYTES);
    }

    public static void main(String[] args) throws IOException {
        SessionStore store = open(Path.of(args[0]));
        store.save(TestSessions.session(CLIENT));
        SessionQueue queue = store.queue(CLIENT);
        for (int next = Integer.parseInt(args[1]); ; next += BATCH) {
            for (int number = next; number < next + BATCH; number++) {
                StoredPublish publish = TestSessions.publish(TOPIC, number + "x".repeat(number % 300));
                queue.add(publish);
                store.retain(publish);
            }
            TestSessions.awaitSafe(store);
            say("S " + (next + BATCH - 1));
            int removed = -1;
            while (queue.size() > KEPT) {
                QueuedPublish taken = queue.take().orElseThrow();
                removed = number(taken.publish());
                queue.remove(taken);
            }
            if (removed >= 0) {
                TestSessions.awaitSafe(store);
                say("R " + removed);
            }
        }
    }

    static int number(StoredPublish publish) {
        String text = TestSessions.text(publish);
        int end = text.indexOf('x');
        return Integer.parseInt(end < 0 ? text : text.substring(0, end));
    }

    /** One system call a line, so that a line is whole or not there. */
    private static void say(String line) throws IOException {
        PrintStream out = System.out;
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
