package io.sluice.broker;

import io.moquette.broker.Server;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loops of a Moquette server. Moquette ends them with Netty's own idea of a graceful end, which is two seconds
 * without work and up to fifteen with it; whoever ended them before did it in its own time. Thread-safe.
 */
final class EventLoops {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

    private static final long QUIET_MS = 200;
    private static final long END_MS = 2_000;

    private EventLoops() {}

    /** Those of a server that has been started, or has tried to; none if it keeps them in another way than we know. */
    static List<EventLoopGroup> of(Server server) {
        try {
            Object acceptor = PrivateField.value(Server.class, "acceptor", server, Object.class);
            return List.of(
                    PrivateField.value(acceptor.getClass(), "bossGroup", acceptor, EventLoopGroup.class),
                    PrivateField.value(acceptor.getClass(), "workerGroup", acceptor, EventLoopGroup.class));
        } catch (ReflectiveOperationException | ClassCastException e) {
            LOG.debug("This server's event loops are not known; it takes its own time to stop", e);
            return List.of();
        }
    }

    /** Begins to end event loops, and closes their connections. */
    static void end(EventLoopGroup loops) {
        loops.shutdownGracefully(QUIET_MS, END_MS, TimeUnit.MILLISECONDS);
    }
}
