package io.sluice.remote;

import io.sluice.buffer.log.BufferException;
import io.sluice.remote.wire.Attach;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Reconnects with back-off, on its own thread. */
final class Redial implements Runnable {

    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    /** Who has lost the connection. */
    interface Caller {

        /** Waits for so long; false if the connection is not wanted any more. */
        boolean pause(Duration time) throws InterruptedException;

        /** Another attempt has failed. */
        void stillAway(BufferException why);

        void back(BufferConnection again);

        /** No attempt will succeed. */
        void givenUp(BufferException why);
    }

    private final Dialer dialer;
    private final Attach attach;
    private final BufferConnection.Listener listener;
    private final Caller caller;

    /**
     * @param attach what to say first
     * @param listener hears what comes over the new connection
     */
    Redial(Dialer dialer, Attach attach, BufferConnection.Listener listener, Caller caller) {
        this.dialer = dialer;
        this.attach = attach;
        this.listener = listener;
        this.caller = caller;
    }

    void start() {
        Thread thread = new Thread(this, "sluice-drain-reconnect");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether to try again may help. Certificates that were right before may be so again. */
    static boolean mayHelp(BufferException failure) {
        return failure instanceof BufferUnreachableException || failure instanceof Dialer.TlsFailure;
    }

    @Override
    public void run() {
        try {
            for (long ms = FIRST_PAUSE_MS; caller.pause(about(ms)); ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
                try {
                    caller.back(BufferConnection.open(dialer, attach, listener));
                    return;
                } catch (BufferException e) {
                    if (!mayHelp(e)) {
                        caller.givenUp(e);
                        return;
                    }
                    caller.stillAway(e);
                } catch (Error e) {
                    // such as no memory at this moment: an attachment that nobody connects again would wait for ever
                    caller.stillAway(new BufferException("reconnecting to " + dialer.endpoint() + " failed: " + e, e));
                }
            }
        } catch (RuntimeException e) {
            caller.givenUp(new BufferException("reconnecting to " + dialer.endpoint() + " failed: " + e, e));
        } catch (InterruptedException e) {
            caller.givenUp(new BufferException("reconnecting to " + dialer.endpoint() + " was interrupted", e));
        }
    }

    /** Not all workers of a broker that starts again come at the same moment. */
    private static Duration about(long ms) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(ms / 2, ms) + 1);
    }
}
