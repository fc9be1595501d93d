package io.sluice.buffer;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread of a buffer, which ends when the buffer is closed. */
final class BufferThread extends Thread {

    private static final Logger LOG = LoggerFactory.getLogger(BufferThread.class);

    private static final long PATIENCE_MS = TimeUnit.SECONDS.toMillis(30);

    private final Object buffer;

    /** @param buffer for the log */
    BufferThread(Runnable work, String name, Object buffer) {
        super(work, name);
        this.buffer = buffer;
        setDaemon(true);
    }

    /** Waits for its end, whatever happens: going on without it would close files under its hands. */
    void awaitEnd() {
        awaitEnd(PATIENCE_MS);
    }

    /** @param patienceMs after how long the log says so, in milliseconds */
    void awaitEnd(long patienceMs) {
        boolean interrupted = false;
        long left = patienceMs;
        while (isAlive()) {
            try {
                join(left);
                if (left > 0 && isAlive()) {
                    left = 0;
                    LOG.warn(
                            "The disk has not taken the last changes of buffer {} in {} ms: closing it waits for the disk",
                            buffer,
                            patienceMs);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
