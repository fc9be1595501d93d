package io.sluice.broker.door;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wills that wait for the end of their delay (MQTT 5 section 3.1.3.2.2).
 *
 * <p>A client that comes back in time, to the session it left, cancels its will; one that comes back to a new session
 * has ended the old one, and with it the wait.
 *
 * <p>Wills live in memory, as long as the broker does. After a failure a server may publish them when it is back (MQTT
 * 5 section 3.1.2.5, [MQTT-3.1.2-8]); this one does not. It could not tell the clients that are gone from those whose
 * connections it has cut off itself, which reconnect and send their wills again. Thread-safe.
 */
final class Wills {

    private static final Logger LOG = LoggerFactory.getLogger(Wills.class);

    private record Waiting(Future<?> execution, Runnable publish) {}

    private final Map<String, Waiting> waiting = new HashMap<>();
    private boolean closed;

    void arrived(String clientId, boolean sessionContinues) {
        Waiting will;
        synchronized (this) {
            will = waiting.remove(clientId);
        }
        if (will != null) {
            will.execution.cancel(false);
            if (!sessionContinues) {
                publish(clientId, will);
            }
        }
    }

    /** A client is gone and leaves a will. */
    synchronized void leave(String clientId, long delaySeconds, EventExecutor executor, Runnable publish) {
        if (!closed) {
            Future<?> execution = executor.schedule(() -> execute(clientId), delaySeconds, TimeUnit.SECONDS);
            waiting.put(clientId, new Waiting(execution, publish));
        }
    }

    private void execute(String clientId) {
        Waiting will;
        synchronized (this) {
            will = waiting.remove(clientId);
        }
        if (will != null) {
            publish(clientId, will);
        }
    }

    private static void publish(String clientId, Waiting will) {
        try {
            will.publish.run();
        } catch (RuntimeException | Error e) {
            // Its client is gone, and whoever runs this has nothing to do with it.
            LOG.error("The will of {} cannot be published", clientId, e);
        }
    }

    /** The broker is being closed: the devices did nothing wrong. */
    synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
