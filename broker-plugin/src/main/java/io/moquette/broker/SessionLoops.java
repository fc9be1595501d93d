package io.moquette.broker;

import io.moquette.interception.BrokerInterceptor;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads on which sessions live: each client's commands run on one of them, in order.
 *
 * <p>Differs from Moquette's loops in two ways. A command that fails costs its client the connection; in Moquette the
 * thread dies, and every client on it hangs. And a command is never dropped because a queue is full: the limits of what
 * a connection may hold also limit how many wait. The threads that Moquette's class starts stay idle. Thread-safe.
 */
@NullMarked
final class SessionLoops extends SessionEventLoopGroup {

    private static final Logger LOG = LoggerFactory.getLogger(SessionLoops.class);

    private static final int IDLE_QUEUE = 1;
    private static final long END_SECONDS = 5;

    private final Loop[] loops;
    private final BiConsumer<String, Throwable> failed;

    /** @param failed is told whose command failed, and why; called on that client's loop */
    SessionLoops(BrokerInterceptor interceptor, BiConsumer<String, Throwable> failed) {
        super(interceptor, IDLE_QUEUE);
        this.failed = failed;
        this.loops = IntStream.range(0, getEventLoopCount()).mapToObj(Loop::new).toArray(Loop[]::new);
    }

    private static final class Loop {

        private final ExecutorService executor;
        private volatile @Nullable Thread thread;

        private Loop(int number) {
            executor = Executors.newSingleThreadExecutor(task -> {
                Thread started = new Thread(task, "sluice-sessions-" + number);
                started.setDaemon(true);
                thread = started;
                return started;
            });
        }
    }

    private Loop loopOf(String clientId) {
        return loops[targetQueueOrdinal(clientId)];
    }

    /** A client always has the same loop. Moquette takes the absolute value, which is negative for one hash in 2^32. */
    @Override
    int targetQueueOrdinal(String clientId) {
        return Math.floorMod(clientId.hashCode(), getEventLoopCount());
    }

    @Override
    public PostOffice.RouteResult routeCommand(
            @Nullable String clientId, String actionDescription, Callable<@Nullable Void> action) {
        if (clientId == null) {
            return PostOffice.RouteResult.failed("", actionDescription + " of no client");
        }
        if (Thread.currentThread() != loopOf(clientId).thread) {
            return routeBehindOthers(clientId, action);
        }
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        run(clientId, action, done);
        return PostOffice.RouteResult.success(clientId, done);
    }

    /** Runs a command behind all that waits for the loop by now, also if it comes from the loop. */
    PostOffice.RouteResult routeBehindOthers(String clientId, Callable<@Nullable Void> action) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        try {
            loopOf(clientId).executor.execute(() -> run(clientId, action, done));
        } catch (RejectedExecutionException e) {
            return PostOffice.RouteResult.failed(clientId, "the broker is closing");
        }
        return PostOffice.RouteResult.success(clientId, done);
    }

    private void run(String clientId, Callable<@Nullable Void> action, CompletableFuture<@Nullable Void> done) {
        try {
            action.call();
            done.complete(null);
        } catch (Throwable e) {
            // Also an Error: the loop serves others, and what one client did must not end it.
            done.completeExceptionally(e);
            failed.accept(clientId, e);
        }
    }

    /** Runs what is waiting, then ends the threads. */
    @Override
    public void terminate() {
        for (Loop loop : loops) {
            loop.executor.shutdown();
        }
        super.terminate();
        boolean interrupted = false;
        for (Loop loop : loops) {
            try {
                if (!loop.executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("A session thread has not ended within {} s and keeps running", END_SECONDS);
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
