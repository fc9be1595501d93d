package io.sluice.broker.access;

import io.sluice.broker.access.LoginResult.Refused;
import io.sluice.broker.packet.Reason;
import io.sluice.thread.DaemonThreads;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

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

    /** How many responders are asked at a time. */
    static final int MOST_ASKED = 64;

    private final String what;

    private final AtomicLong heldBytes = new AtomicLong();
    private final SweepPace sweepPace = new SweepPace(System.nanoTime());
    private final ThreadPoolExecutor threads;

    /** @param what they check, such as {@code passwords}, for the log */
    LoginThreads(String name, String what, int count, int mostWaiting) {
        this.what = what;
        threads = new ThreadPoolExecutor(
                count,
                count,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(mostWaiting),
                new DaemonThreads(name));
        threads.allowCoreThreadTimeOut(true);
    }

    /** Threads that compute: half of the cores stay free for connected clients. */
    static LoginThreads computing(String name, String what, int mostWaiting) {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new LoginThreads(name, what, count, mostWaiting);
    }

    /** How much memory the logins hold at most that wait for one thing, in bytes. */
    static long mostBytes() {
        return Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** What a login is told that does not fit in. */
    Refused tooMany() {
        return new Refused(Reason.SERVER_BUSY, "too many other logins wait for their " + what + " to be checked");
    }

    /** What a login is told whose check has failed, since whoever waits for an answer gets one. */
    Refused failed(Throwable failure) {
        return new Refused(Reason.UNSPECIFIED_ERROR, "its " + what + " cannot be checked: " + failure);
    }

    private final class Waiting implements Runnable {

        private final int bytes;
        private final BooleanSupplier isAwaited;
        private final Runnable login;
        private final AtomicBoolean holds = new AtomicBoolean(true);

        private Waiting(int bytes, BooleanSupplier isAwaited, Runnable login) {
            this.bytes = bytes;
            this.isAwaited = isAwaited;
            this.login = login;
        }

        @Override
        public void run() {
            letGo();
            login.run();
        }

        private void letGo() {
            if (holds.compareAndSet(true, false)) {
                heldBytes.addAndGet(-bytes);
            }
        }

        private boolean isLeft() {
            boolean isLeft = !isAwaited.getAsBoolean();
            if (isLeft) {
                letGo();
            }
            return isLeft;
        }
    }

    /**
     * Runs a login when it is its turn. If no more fit in, those that nobody awaits make room.
     *
     * @param bytes how much memory it holds until then
     * @param isAwaited whether anybody awaits its result; once false, it stays false
     * @return false if too many wait; then it is not run
     */
    boolean run(int bytes, BooleanSupplier isAwaited, Runnable login) {
        Waiting next = new Waiting(bytes, isAwaited, login);
        if (takes(next)) {
            return true;
        }
        if (sweepPace.isDue(threads.getQueue().size(), System.nanoTime())) {
            threads.getQueue().removeIf(task -> task instanceof Waiting waiting && waiting.isLeft());
        }
        return takes(next);
    }

    private boolean takes(Waiting next) {
        if (heldBytes.addAndGet(next.bytes) > mostBytes()) {
            next.letGo();
            return false;
        }
        try {
            threads.execute(next);
            return true;
        } catch (RejectedExecutionException e) {
            next.letGo();
            return false;
        } catch (RuntimeException | Error e) {
            next.letGo(); // such as no thread to be had
            throw e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
