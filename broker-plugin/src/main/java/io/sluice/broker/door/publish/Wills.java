package io.sluice.broker.door.publish;

import io.netty.util.concurrent.EventExecutor;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.buffer.SharedBuffer;
import io.sluice.message.LogText;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wills that wait for the end of their delay (MQTT 5 section 3.1.3.2.2).
 *
 * <p>A client that comes back to the session it left cancels its will, also one whose time has come and that waits for
 * space in the buffer: a will behind the client's return would say of a client that is there that it is gone. One that
 * comes back to a new session has ended the old one, and with it the wait.
 *
 * <p>Wills live in memory, as long as the broker does. After a failure a server may publish them when it is back (MQTT
 * 5 section 3.1.2.5, [MQTT-3.1.2-8]); this one does not. It could not tell the clients that are gone from those whose
 * connections it has cut off itself, which reconnect and send their wills again. Thread-safe.
 */
final class Wills {

    private static final Logger LOG = LoggerFactory.getLogger(Wills.class);

    private static final int SHARE_OF_HEAP = 8;

    /** Publishes a will; on any thread. */
    interface Publication {

        /** About how much memory it takes while it waits, in bytes. */
        long heldBytes();

        /**
         * Publishes it, unless the buffer has no space for it.
         *
         * @param retry is run on any thread when it may be tried again
         * @return false if there is no space
         */
        boolean publishIfFree(Runnable retry);

        /** Publishes it, as soon as the buffer has space for it. */
        void publish(DeferredAppends appends);
    }

    private final SharedBuffer buffer;
    private final ConcurrentMap<String, Delayed> waiting = new ConcurrentHashMap<>();
    private final AtomicLong held = new AtomicLong();
    private final long maxBytes;
    private volatile boolean closed;

    /** @param maxBytes of all that wait; positive */
    Wills(SharedBuffer buffer, long maxBytes) {
        this.buffer = buffer;
        this.maxBytes = maxBytes;
    }

    /** An eighth of the largest heap. */
    static long defaultMaxBytes() {
        return Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    }

    final class Delayed {

        private final String clientId;
        private final EventExecutor executor;
        private final Publication publication;
        private final long dueNs;
        private final long bytes;
        private boolean mayFollow;
        private boolean hasSessionEnded;
        private @Nullable Future<?> timer;

        private Delayed(String clientId, long delaySeconds, EventExecutor executor, Publication publication) {
            this.clientId = clientId;
            this.executor = executor;
            this.publication = publication;
            this.bytes = publication.heldBytes();
            this.dueNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(delaySeconds);
        }

        /**
         * What its client sent before is in the buffer, or comes first in these appends: the will may follow when it is due.
         */
        void mayFollow(DeferredAppends appends) {
            synchronized (this) {
                mayFollow = true;
                if (!hasSessionEnded) {
                    if (waiting.get(clientId) == this) {
                        timer = executor.schedule(this::publishIfAway, dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
                    }
                    return;
                }
            }
            publish(appends);
        }

        private void publishIfAway() {
            // In one step, so that a client that comes back either cancels it or finds it published.
            waiting.computeIfPresent(clientId, (id, latest) -> {
                if (latest != this || !isPublished()) {
                    return latest;
                }
                held.addAndGet(-bytes);
                return null;
            });
        }

        private boolean isPublished() {
            try {
                return publication.publishIfFree(() -> EventLoopCall.on(executor, this::publishIfAway));
            } catch (RuntimeException | Error e) {
                sayThatItFailed(e);
                return true;
            }
        }

        private synchronized void cancel() {
            timer = EventLoopCall.cancel(timer);
        }

        private void endSession() {
            synchronized (this) {
                timer = EventLoopCall.cancel(timer);
                hasSessionEnded = true;
                if (!mayFollow) {
                    return;
                }
            }
            publish(new DeferredAppends(buffer, executor, () -> {}));
        }

        private void publish(DeferredAppends appends) {
            try {
                publication.publish(appends);
            } catch (RuntimeException | Error e) {
                sayThatItFailed(e);
            }
        }

        /** Its client is gone, and whoever runs this has nothing to do with it. */
        private void sayThatItFailed(Throwable cause) {
            LOG.error("The will of {} cannot be published", LogText.visible(clientId), cause);
        }
    }

    /** A client has come back. */
    void arrived(String clientId, boolean sessionContinues) {
        Delayed will = waiting.remove(clientId);
        if (will == null) {
            return;
        }
        held.addAndGet(-will.bytes);
        if (sessionContinues) {
            will.cancel();
        } else {
            will.endSession();
        }
    }

    /**
     * A client is gone and leaves a will. The delay begins now; what the client has sent may still wait.
     *
     * @return empty if those that wait take as much memory as they may: it is to be published without a delay, which loses
     *     less than not to publish it
     */
    Optional<Delayed> leave(String clientId, long delaySeconds, EventExecutor executor, Publication publication) {
        Delayed will = new Delayed(clientId, delaySeconds, executor, publication);
        if (closed) {
            return Optional.of(will);
        }
        if (held.addAndGet(will.bytes) > maxBytes) {
            held.addAndGet(-will.bytes);
            return Optional.empty();
        }
        Delayed former = waiting.put(clientId, will);
        if (former != null) {
            held.addAndGet(-former.bytes);
            former.cancel();
        }
        return Optional.of(will);
    }

    /** The broker is being closed: the devices did nothing wrong. */
    void close() {
        closed = true;
        waiting.clear();
    }
}
