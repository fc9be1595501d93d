package io.sluice.thread;

import java.util.concurrent.ThreadFactory;

/** Makes threads of one name that do not keep the process from ending. Thread-safe. */
public record DaemonThreads(String name) implements ThreadFactory {

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
