package io.sluice.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Bounds how many publishes are on their way into Moquette's session loops, over all connections.
 *
 * <p>A session loop drops what finds its queue full, so what is forwarded must stay well below
 * {@link #SESSION_QUEUE_SIZE}, even if every client hashes to one loop and every publish fans out into another
 * command. A connection forwards one window at a time. Thread-safe.
 */
final class ForwardingWindows {

    /** Publishes that a connection may forward before Moquette has taken them. */
    static final int WINDOW = 64;

    /** With this many bytes on their way, a connection forwards no more publishes before Moquette has taken them. */
    static final int WINDOW_BYTES = 1 << 20;

    /** The {@code session_queue_size} of Moquette that these bounds are made for. */
    static final int SESSION_QUEUE_SIZE = 65_536;

    private static final int WINDOWS = SESSION_QUEUE_SIZE / 4 / WINDOW;

    private final Semaphore free = new Semaphore(WINDOWS);
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** Takes a window, or remembers to call back when one may be free; the caller then tries again. */
    boolean tryOpen(Runnable tryAgain) {
        if (free.tryAcquire()) {
            return true;
        }
        waiting.add(tryAgain);
        // A window closed between the two lines above would leave us waiting for nobody.
        if (free.availablePermits() > 0) {
            wakeOne();
        }
        return false;
    }

    /** Gives a window back. */
    void close() {
        free.release();
        wakeOne();
    }

    /** Hands a call that came too late on to the next who waits. */
    void pass() {
        wakeOne();
    }

    private void wakeOne() {
        Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
    }
}
