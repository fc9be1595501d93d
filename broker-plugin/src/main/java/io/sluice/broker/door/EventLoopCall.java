package io.sluice.broker.door;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls back to an event loop, which may have ended with its broker by then. */
final class EventLoopCall {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoopCall.class);

    private EventLoopCall() {}

    /** Runs an action on an event loop, or drops it if that has ended. */
    static void on(EventExecutor loop, Runnable action) {
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("An event loop has ended before it was called back", e);
        }
    }

    /** Cancels what was scheduled, if anything was; returns null, which then is scheduled. */
    static @Nullable Future<?> cancel(@Nullable Future<?> scheduled) {
        if (scheduled != null) {
            scheduled.cancel(false);
        }
        return null;
    }
}
