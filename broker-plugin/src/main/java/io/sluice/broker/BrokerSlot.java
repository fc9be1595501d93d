package io.sluice.broker;

import io.sluice.buffer.SharedBuffer;
import io.sluice.thread.DaemonThreads;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The place of the broker of one name: the broker, if it runs, and how many use it. Thread-safe; starting and closing
 * delay only callers that want the same name.
 */
final class BrokerSlot {

    private static final Duration LEAVE_BEFORE_EXIT = Duration.ofSeconds(2);

    private static final ScheduledExecutorService LINGER =
            Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-broker-linger"));

    private final BiFunction<BrokerConfig, Consumer<SharedBuffer>, RunningBroker> starting;
    private final Consumer<BrokerSlot> whenUnused;
    private @Nullable RunningBroker broker;
    private int users;
    private @Nullable ScheduledFuture<?> closing;

    /**
     * @param starting starts a broker, whose first user attaches before devices can connect
     * @param whenUnused is told, under the lock of this place, that it has neither a broker nor users
     */
    BrokerSlot(
            BiFunction<BrokerConfig, Consumer<SharedBuffer>, RunningBroker> starting, Consumer<BrokerSlot> whenUnused) {
        this.starting = starting;
        this.whenUnused = whenUnused;
    }

    /**
     * Adds a user to the broker, starting it if need be; the user attaches to the buffer before devices can connect. A broker
     * that has failed for good serves nobody new once its users have left.
     */
    synchronized RunningBroker join(BrokerConfig config, Consumer<SharedBuffer> attach) {
        try {
            return running(config, attach);
        } finally {
            tellIfUnused();
        }
    }

    private RunningBroker running(BrokerConfig config, Consumer<SharedBuffer> attach) {
        RunningBroker running = broker;
        if (running != null) {
            boolean isOther = !running.config().equals(config);
            if (isOther && users > 0) {
                throw new BrokerException("The MQTT broker '" + config.name() + "' already runs with another"
                        + " configuration; use the same broker.* and buffer.* values in every connector that names"
                        + " it, or another broker.name. Running: " + running.config() + "; wanted: " + config);
            }
            if (users == 0 && (isOther || running.hasFailed())) {
                close();
                running = null;
            }
        }
        if (running == null) {
            running = starting.apply(config, attach);
            broker = running;
        } else {
            attach.accept(running.buffer());
        }
        if (closing != null) {
            closing.cancel(false);
            closing = null;
        }
        users++;
        return running;
    }

    /** Takes a user off. Without users the broker closes after its linger time. */
    synchronized void leave() {
        users--;
        if (users > 0 || broker == null) {
            tellIfUnused();
            return;
        }
        notifyAll();
        long lingerMs = broker.config().linger().toMillis();
        if (lingerMs == 0) {
            closeIfUnused();
        } else {
            closing = LINGER.schedule(() -> onOwnThread(this::closeIfUnused), lingerMs, TimeUnit.MILLISECONDS);
        }
    }

    /** The disk of one broker may hang, and others have to close. */
    private static Thread onOwnThread(Runnable close) {
        Thread thread = new DaemonThreads("sluice-broker-close").newThread(close);
        try {
            thread.start();
        } catch (Error noThread) {
            close.run();
        }
        return thread;
    }

    private synchronized void closeIfUnused() {
        if (users == 0) {
            try {
                close();
            } finally {
                tellIfUnused();
            }
        }
    }

    /** At the end of the process: closes all brokers, each once its users have left, or have had time to. */
    static void closeAtExit(Collection<BrokerSlot> slots) {
        List<Thread> closing =
                slots.stream().map(slot -> onOwnThread(slot::closeAtExit)).toList();
        try {
            for (Thread each : closing) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void closeAtExit() {
        long deadline = System.nanoTime() + LEAVE_BEFORE_EXIT.toNanos();
        try {
            while (users > 0) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMs <= 0) {
                    break;
                }
                wait(leftMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    private void tellIfUnused() {
        if (users == 0 && broker == null) {
            whenUnused.accept(this);
        }
    }

    private void close() {
        if (broker != null) {
            try {
                broker.close();
            } finally {
                broker = null;
            }
        }
    }
}
