package io.sluice.broker.door.transport;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls back to an event loop, which may have ended with its broker by then. What a callback of a connection throws ends this
 * connection, as if a packet had caused it: Netty alone would log it and leave the client waiting.
 */
public final class EventLoopCall {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoopCall.class);

    private EventLoopCall() {}

    /** Runs an action on the event loop of a connection, or drops it if that has ended. */
    public static void on(Channel channel, Runnable action) {
        on(channel.eventLoop(), () -> run(channel, action));
    }

    /** The same later, unless it is cancelled. */
    public static Future<?> after(long delay, TimeUnit unit, Channel channel, Runnable action) {
        return channel.eventLoop().schedule(() -> run(channel, action), delay, unit);
    }

    /** Runs an action now, on the event loop of its connection. */
    public static void run(Channel channel, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            channel.pipeline().fireExceptionCaught(e);
        }
    }

    /** Runs an action that belongs to no connection on an event loop, or drops it if that has ended. */
    public static void on(EventExecutor loop, Runnable action) {
        try {
            loop.execute(action);
        } catch (RejectedExecutionException e) {
            LOG.debug("An event loop has ended before it was called back", e);
        }
    }

    /** Cancels what was scheduled, if anything was; returns null, which then is scheduled. */
    public static @Nullable Future<?> cancel(@Nullable Future<?> scheduled) {
        if (scheduled != null) {
            scheduled.cancel(false);
        }
        return null;
    }
}
