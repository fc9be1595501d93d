package io.sluice.thread;

import java.util.function.Consumer;

/**
 * Work that is done again and again. What it throws ends nothing: an executor does not run again what has thrown, and a thread
 * ends. It is said once, until the work succeeds again. For one thread at a time.
 */
public final class Repeated implements Runnable {

    private final Runnable work;
    private final Consumer<Throwable> failed;
    private boolean isSaid;

    /** @param failed says what the work has thrown; it may throw too, as a log does without memory, and is asked again then */
    public Repeated(Runnable work, Consumer<Throwable> failed) {
        this.work = work;
        this.failed = failed;
    }

    /** Does the work once. Throws nothing. */
    @Override
    public void run() {
        try {
            work.run();
            isSaid = false;
        } catch (RuntimeException | Error e) {
            say(e);
        }
    }

    private void say(Throwable thrown) {
        if (!isSaid) {
            try {
                failed.accept(thrown);
                isSaid = true;
            } catch (RuntimeException | Error notNow) {
                thrown.addSuppressed(notNow);
            }
        }
    }
}
