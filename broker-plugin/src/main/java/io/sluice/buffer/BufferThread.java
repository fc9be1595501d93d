package io.sluice.buffer;

/** A thread of a buffer, which ends when the buffer is closed. */
final class BufferThread extends Thread {

    BufferThread(Runnable work, String name) {
        super(work, name);
        setDaemon(true);
    }

    /** Waits for its end, whatever happens: going on without it would close files under its hands. */
    void awaitEnd() {
        boolean interrupted = false;
        while (isAlive()) {
            try {
                join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
