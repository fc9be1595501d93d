package io.sluice.file;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks at files again and again for those who hold what was in them, on separate threads: a network disk may hang, and then
 * nobody waits for it who serves clients, nor who looks at another file. Thread-safe.
 */
public final class FileLooks {

    private static final long EVERY_SECONDS = 1;
    private static final long IDLE_SECONDS = 10;

    private static final Executor THREADS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "sluice-files");
                thread.setDaemon(true);
                return thread;
            });

    private static final Executor LATER =
            CompletableFuture.delayedExecutor(EVERY_SECONDS, TimeUnit.SECONDS, FileLooks::run);

    private FileLooks() {}

    /**
     * Looks about each second, once the look before has ended, for as long as the holder is in use: what is handed to the
     * JVM's TLS is never closed, only forgotten.
     *
     * @param look must not hold on to the holder
     */
    public static <T> void begin(T holder, Consumer<T> look) {
        next(new WeakReference<>(holder), look);
    }

    private static <T> void next(WeakReference<T> holder, Consumer<T> look) {
        LATER.execute(() -> {
            T inUse = holder.get();
            if (inUse != null) {
                try {
                    look.accept(inUse);
                } finally {
                    next(holder, look);
                }
            }
        });
    }

    private static void run(Runnable look) {
        try {
            THREADS.execute(look);
        } catch (OutOfMemoryError noThread) {
            LATER.execute(look);
        }
    }
}
