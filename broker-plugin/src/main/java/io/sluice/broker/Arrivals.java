package io.sluice.broker;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Lets the connections of one client in one after the other. Moquette's session loop dies if a client that is on its
 * way into its old session is overtaken by itself with a clean start. Thread-safe.
 */
final class Arrivals {

    /** By client identifier, who waits behind the connection that is being let in now. */
    private final Map<String, Queue<Runnable>> waiting = new HashMap<>();

    /** Runs an action that begins to let a connection in: at once, or when those before it are in or gone. */
    void begin(String clientId, Runnable letIn) {
        synchronized (this) {
            Queue<Runnable> others = waiting.get(clientId);
            if (others != null) {
                others.add(letIn);
                return;
            }
            waiting.put(clientId, new ArrayDeque<>(1));
        }
        letIn.run();
    }

    /** A connection whose action was run is in, or gone. */
    void end(String clientId) {
        Runnable next;
        synchronized (this) {
            Queue<Runnable> others = waiting.get(clientId);
            if (others == null) {
                return;
            }
            next = others.poll();
            if (next == null) {
                waiting.remove(clientId);
                return;
            }
        }
        next.run();
    }
}
