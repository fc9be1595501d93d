package io.sluice.remote;

import io.sluice.buffer.record.BufferException;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Batch;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the connection of an attachment to its broker. When that is lost, it reconnects with back-off, until it is closed or
 * no attempt can succeed. Thread-safe: it synchronizes on its owner's lock.
 */
final class Link implements BufferConnection.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5_000;

    /** Whose link it is. Called under the lock. */
    interface Owner {

        void received(Batch batch);

        /** Also after the link was closed. */
        void doubtKept(int number);

        /** What to say first over another connection. */
        Attach attachAgain();

        /** There is another connection, over which nothing was said yet. */
        void back(BufferConnection again);

        /** No attempt will succeed. */
        void failed();
    }

    private sealed interface Hold {}

    private record Connected(BufferConnection connection) implements Hold {}

    /** There is no connection yet, or it is lost, and tried again. */
    private record Away() implements Hold {}

    /** @param failure absent if it was closed */
    private record Ended(Optional<BufferException> failure) implements Hold {}

    private final Dialer dialer;
    private final String consumer;
    private final Object lock;
    private final Owner owner;
    private Hold hold = new Away();
    private ConnectionState state = new ConnectionState(true, 0, Optional.empty());

    /** Since when it is connected, or away, on the clock of {@link System#nanoTime}. */
    private long sinceNs = System.nanoTime();

    /** Grows from one attempt to the next, until a connection has lasted. */
    private long pauseMs;

    /** @param lock who waits on it is woken when the link ends */
    Link(Dialer dialer, String consumer, Object lock, Owner owner) {
        this.dialer = dialer;
        this.consumer = consumer;
        this.lock = lock;
        this.owner = owner;
    }

    /**
     * Makes the first connection. Its {@link BufferConnection#use} begins the traffic.
     *
     * @throws BufferException if there is none to be had
     */
    BufferConnection open(Attach attach) throws InterruptedException {
        BufferConnection first = BufferConnection.open(dialer, attach, this);
        synchronized (lock) {
            hold = new Connected(first);
        }
        return first;
    }

    ConnectionState state() {
        synchronized (lock) {
            return state;
        }
    }

    /** Empty while the broker is away. */
    Optional<BufferConnection> connection() {
        synchronized (lock) {
            return hold instanceof Connected now ? Optional.of(now.connection()) : Optional.empty();
        }
    }

    /** Says something to the broker, unless it is away: when it is back it hears how things stand. */
    void say(Consumer<BufferConnection> saying) {
        connection().ifPresent(saying);
    }

    boolean isOpen() {
        synchronized (lock) {
            return !(hold instanceof Ended);
        }
    }

    /**
     * @throws BufferException why it has ended
     * @throws IllegalStateException if it was closed
     */
    void requireOpen() {
        synchronized (lock) {
            if (hold instanceof Ended ended) {
                throw ended.failure()
                        .map(RuntimeException.class::cast)
                        .orElseGet(() -> new IllegalStateException("this attachment is closed"));
            }
        }
    }

    void fail(BufferException cause) {
        end(new Ended(Optional.of(cause)));
    }

    /** Says what is still to be said, and closes the connection. */
    void close() {
        end(new Ended(Optional.empty()));
    }

    private void end(Ended ended) {
        Optional<BufferConnection> before;
        synchronized (lock) {
            if (!isOpen() && ended.failure().isPresent()) {
                return;
            }
            before = connection();
            hold = ended;
            lock.notifyAll();
            if (ended.failure().isPresent()) {
                state = state.away(ended.failure().get());
                owner.failed();
            }
        }
        before.ifPresent(BufferConnection::close);
    }

    private boolean isConnectedBy(BufferConnection connection) {
        return hold instanceof Connected now && now.connection() == connection;
    }

    @Override
    public void received(BufferConnection from, Batch batch) {
        synchronized (lock) {
            if (isConnectedBy(from)) {
                owner.received(batch);
            }
        }
    }

    @Override
    public void doubtKept(int number) {
        synchronized (lock) {
            owner.doubtKept(number);
        }
    }

    @Override
    public void lost(BufferConnection from, BufferException why) {
        synchronized (lock) {
            if (!isConnectedBy(from)) {
                return;
            }
            hold = new Away();
            state = state.away(why);
            pauseMs = msSince() < LONGEST_PAUSE_MS ? pauseMs : 0;
            sinceNs = System.nanoTime();
        }
        if (!mayPass(why)) {
            fail(why);
            return;
        }
        try {
            Thread thread = new Thread(this::reconnect, "sluice-drain-reconnect");
            thread.setDaemon(true);
            thread.start();
        } catch (Error noThread) {
            fail(new BufferException("Sluice cannot start a thread to reconnect to " + dialer.endpoint(), noThread));
            return;
        }
        log(() -> LOG.warn(
                "The connection of '{}' to its buffer is lost, and is tried again until it is back: {}",
                consumer,
                why.getMessage()));
    }

    /** What a log throws, as one may whose disk is full, changes nothing of what becomes of the connection. */
    private static void log(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error e) {
            return; // there is nowhere to say it
        }
    }

    private long msSince() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNs);
    }

    /** Whether to try again may help. TLS has worked before, so it may work again. */
    private static boolean mayPass(BufferException failure) {
        return failure instanceof BufferUnreachableException || failure.getCause() instanceof SSLException;
    }

    private void reconnect() {
        try {
            while (pause(about(nextPauseMs()))) {
                try {
                    back(BufferConnection.open(dialer, attachAgain(), this));
                    return;
                } catch (BufferException e) {
                    if (!mayPass(e)) {
                        fail(e);
                        return;
                    }
                    stillAway(e);
                } catch (Error e) {
                    // such as no memory at this moment: an attachment that nobody connects again would wait for ever
                    stillAwayAfter(e);
                }
            }
        } catch (RuntimeException e) {
            fail(new BufferException("reconnecting to " + dialer.endpoint() + " failed: " + e, e));
        } catch (InterruptedException e) {
            fail(new BufferException("reconnecting to " + dialer.endpoint() + " was interrupted", e));
        }
    }

    private Attach attachAgain() {
        synchronized (lock) {
            return owner.attachAgain();
        }
    }

    private long nextPauseMs() {
        synchronized (lock) {
            pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), LONGEST_PAUSE_MS);
            return pauseMs;
        }
    }

    /** Not all workers of a broker that starts again come at the same moment. */
    private static long about(long ms) {
        return ThreadLocalRandom.current().nextLong(ms / 2, ms) + 1;
    }

    /** Waits for so long; false if the link has ended. It takes no memory, of which there may be none at the moment. */
    private boolean pause(long ms) throws InterruptedException {
        synchronized (lock) {
            long ns = TimeUnit.MILLISECONDS.toNanos(ms);
            long deadline = System.nanoTime() + ns;
            for (long left = ns; isOpen() && left > 0; left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            return isOpen();
        }
    }

    private void stillAway(BufferException why) {
        synchronized (lock) {
            if (isOpen()) {
                state = state.away(why);
            }
        }
    }

    private void stillAwayAfter(Error thrown) {
        try {
            stillAway(new BufferException("reconnecting to " + dialer.endpoint() + " failed: " + thrown, thrown));
        } catch (Error again) {
            return; // no memory for a sentence either: the next attempt counts
        }
    }

    private void back(BufferConnection again) {
        boolean isUsed = false;
        try {
            synchronized (lock) {
                if (isOpen()) {
                    owner.back(again);
                    log(() -> LOG.info(
                            "The connection of '{}' to the buffer at {} is back after {} ms",
                            consumer,
                            dialer.endpoint(),
                            msSince()));
                    hold = new Connected(again);
                    state = state.back();
                    sinceNs = System.nanoTime();
                    isUsed = true;
                    again.use();
                }
            }
        } finally {
            if (!isUsed) {
                again.close();
            }
        }
    }
}
