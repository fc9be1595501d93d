package io.sluice.broker.server;

import io.moquette.broker.Server;
import io.moquette.interception.AbstractInterceptHandler;
import io.moquette.interception.messages.InterceptExceptionMessage;
import io.sluice.broker.BrokerException;
import io.sluice.broker.ForeignServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sluice in a Moquette 0.18 that was started by its own script: {@code intercept.handler} of the configuration names
 * this class, and {@code authorizator_class} names {@link StockAuthorizator}, which says in the log what holds there.
 *
 * <p>Moquette makes this one first, and asks it for its message types with nothing in between that would swallow an
 * exception; the other gets the configuration, and becomes what the server and the front door both ask. If either is
 * missing or fails, the server does not start, so that it never acknowledges what is not captured.
 */
public final class StockMoquette extends AbstractInterceptHandler {

    private static final Logger LOG = LoggerFactory.getLogger(StockMoquette.class);

    private final Server server;

    /** Moquette makes it, on the thread that starts the server. */
    public StockMoquette(Server server) {
        this.server = server;
    }

    @Override
    public String getID() {
        return "sluice";
    }

    @Override
    public Class<?>[] getInterceptedMessageTypes() {
        try {
            ForeignServer.announce(server);
        } catch (BrokerException e) {
            // Moquette's own program ends without a word.
            LOG.error("{}", e.getMessage());
            throw e;
        }
        return new Class<?>[] {InterceptExceptionMessage.class};
    }

    @Override
    public void onSessionLoopError(Throwable error) {
        LOG.error("A session loop of the MQTT broker died: its listeners close, and it must be started again", error);
        // Not on this thread: stopping the server stops it too.
        new Thread(server::stopServer, "sluice-broker-stop").start();
    }
}
