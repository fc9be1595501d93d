package io.sluice.broker.access;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that hash passwords, check tokens or ask issuers of certificates, so that no device waits because another one
 * logs in. The number of logins that wait, and the memory that they hold, are bounded. Thread-safe.
 */
final class LoginThreads implements AutoCloseable {

    /** A client at the end of a longer queue would have given up before its turn. */
    static final int MOST_WAITING = 4_096;

    private static final long LEAST_BYTES = 1 << 20;
    private static final int SHARE_OF_HEAP = 32;
    private static final long IDLE_SECONDS = 10;
    private static final int MOST_THAT_WAIT = 64;

    private final String what;

    private final long mostBytes = Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    private final AtomicLong heldBytes = new AtomicLong();
    private final ThreadPoolExecutor threads;

    /** @param what they check, such as {@code passwords}, for the log */
    private LoginThreads(String name, String what, int count, int mostWaiting) {
        this.what = what;
        threads = new ThreadPoolExecutor(
                count, count, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(mostWaiting), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Threads that compute: half of the cores stay free for connected clients. */
    static LoginThreads computing(String name, String what, int mostWaiting) {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new LoginThreads(name, what, count, mostWaiting);
    }

    /** Threads that wait for others most of the time. */
    static LoginThreads waiting(String name, String what, int mostWaiting) {
        return new LoginThreads(name, what, MOST_THAT_WAIT, mostWaiting);
    }

    /** What they check, for the log. */
    String what() {
        return what;
    }

    /**
     * Runs a login when it is its turn.
     *
     * @param bytes how much memory it holds until then
     * @return false if too many wait; then it is not run
     */
    boolean run(int bytes, Runnable login) {
        if (heldBytes.addAndGet(bytes) > mostBytes) {
            heldBytes.addAndGet(-bytes);
            return false;
        }
        try {
            threads.execute(() -> {
                heldBytes.addAndGet(-bytes);
                login.run();
            });
            return true;
        } catch (RejectedExecutionException e) {
            heldBytes.addAndGet(-bytes);
            return false;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
