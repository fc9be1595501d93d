package io.sluice.broker;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Who is here, and whose will waits until they have been gone for long enough (MQTT 5 section 3.1.3.2.2).
 *
 * <p>A client that comes back in time, to the session it left, takes its will back; one that comes back to a new
 * session has ended the old one, and with it the wait.
 *
 * <p>Wills live in memory, as long as the broker does. After a failure a server may publish them when it is back (MQTT 5
 * section 3.1.2.5, [MQTT-3.1.2-8]); this one does not. It could not tell the clients that are gone from those whose
 * connections it has cut off itself, which come back and bring their wills along. Thread-safe.
 */
final class Wills {

    private record Present(Object connection, boolean sessionContinues) {}

    private record Waiting(Future<?> execution, Runnable publish) {}

    private final Map<String, Present> present = new HashMap<>();
    private final Map<String, Waiting> waiting = new HashMap<>();
    private boolean closed;

    /** A client has been let in. */
    synchronized void arrived(String clientId, Object connection, boolean sessionContinues) {
        present.put(clientId, new Present(connection, sessionContinues));
        Waiting will = waiting.remove(clientId);
        if (will != null) {
            will.execution.cancel(false);
            if (!sessionContinues) {
                will.publish.run();
            }
        }
    }

    /** A client has left and taken its will with it. */
    synchronized void left(String clientId, Object connection) {
        Present now = present.get(clientId);
        if (now != null && now.connection == connection) {
            present.remove(clientId);
        }
    }

    /**
     * A client is gone and leaves a will.
     *
     * @param delaySeconds how long its will waits, in seconds
     */
    synchronized void gone(
            String clientId, Object connection, long delaySeconds, EventExecutor executor, Runnable publish) {
        left(clientId, connection);
        if (closed) {
            return;
        }
        Present successor = present.get(clientId);
        if (delaySeconds == 0 || (successor != null && !successor.sessionContinues)) {
            publish.run();
        } else if (successor == null) {
            Future<?> execution = executor.schedule(() -> execute(clientId, publish), delaySeconds, TimeUnit.SECONDS);
            waiting.put(clientId, new Waiting(execution, publish));
        }
    }

    private synchronized void execute(String clientId, Runnable publish) {
        if (!closed && waiting.remove(clientId) != null) {
            publish.run();
        }
    }

    /** The broker is being closed: the devices did nothing wrong. */
    synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
