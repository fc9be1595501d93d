package io.sluice.broker.door;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A call back to an event loop, which may have ended with its broker by then. */
final class EventLoopCall {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoopCall.class);

    private EventLoopCall() {}

    static void on(EventExecutor loop, Runnable action) {
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("An event loop has ended before it was called back", e);
        }
    }
}
