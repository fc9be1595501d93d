package io.sluice.examples;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be closed before the program ends, however it ends; the last one opened is the first one closed.
 *
 * <p>Thread-safe: Ctrl-C may come while the program is still opening things.
 */
final class Cleanup implements AutoCloseable {

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile boolean ending;

    Cleanup() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "cleanup"));
    }

    /** Takes something that is to be closed at the end; if the end has already come, it is closed at once. */
    synchronized <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        if (ending) {
            close();
            throw new IllegalStateException("The program is ending");
        }
        return resource;
    }

    /** Whether the end has come, so that failures are its consequence and no news. */
    boolean isEnding() {
        return ending;
    }

    @Override
    public void close() {
        ending = true;
        synchronized (this) {
            while (!open.isEmpty()) {
                closeQuietly(open.pop());
            }
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            System.err.println("While ending: " + e.getMessage());
        }
    }
}
