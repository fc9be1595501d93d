package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.sluice.broker.rate.Origin;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections there may be.
 *
 * @param max over all; positive
 * @param maxPerAddress from one address; positive
 */
public record ConnectionLimits(int max, int maxPerAddress) {

    private static final int LEAST = 1_000;
    /** About what an idle connection takes of the heap, twice. */
    private static final int BYTES_EACH = 16 << 10;

    /** @throws IllegalArgumentException if one is not positive */
    public ConnectionLimits {
        if (max < 1 || maxPerAddress < 1) {
            throw new IllegalArgumentException(
                    "Limits of connections must be positive, unlike " + max + " and " + maxPerAddress);
        }
    }

    /** One for each 16 KiB of the largest heap, at least 1,000. */
    public static int defaultMax() {
        return (int)
                Math.min(Integer.MAX_VALUE, Math.max(LEAST, Runtime.getRuntime().maxMemory() / BYTES_EACH));
    }

    /** The connections that there are. Strangers keep nobody out for long. Thread-safe. */
    static final class Count {

        /** A client on its way in is quicker. */
        private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

        private final ConnectionLimits limits;
        private final AtomicInteger all = new AtomicInteger();

        /** Connections on which nobody was let in yet, and since when they are there; the oldest is the first. */
        private final Map<Channel, Long> strangers = new LinkedHashMap<>();

        private final ConcurrentMap<Origin, Integer> byAddress = new ConcurrentHashMap<>();

        Count(ConnectionLimits limits) {
            this.limits = limits;
        }

        /**
         * Counts one more connection, which must {@link #leave} in the end.
         *
         * @return the connection that is to be closed, as the limit allows no more: one on which nobody was let in for two
         *     seconds, or else the new one, which is not counted
         */
        Optional<Channel> enter(Channel connection) {
            boolean isFull = all.incrementAndGet() > limits.max;
            synchronized (strangers) {
                Optional<Channel> leaves = isFull ? takeOldStranger() : Optional.empty();
                if (isFull && leaves.isEmpty()) {
                    all.decrementAndGet();
                    return Optional.of(connection);
                }
                strangers.put(connection, System.nanoTime());
                return leaves;
            }
        }

        private Optional<Channel> takeOldStranger() {
            Iterator<Map.Entry<Channel, Long>> oldest = strangers.entrySet().iterator();
            if (!oldest.hasNext()) {
                return Optional.empty();
            }
            Map.Entry<Channel, Long> stranger = oldest.next();
            if (System.nanoTime() - stranger.getValue() < PATIENCE_NS) {
                return Optional.empty();
            }
            oldest.remove();
            return Optional.of(stranger.getKey());
        }

        /** A client was let in on a connection, which now makes way for no other. */
        void letIn(Channel connection) {
            synchronized (strangers) {
                strangers.remove(connection);
            }
        }

        /** Counts the address of a connection that has entered, if its limit allows one more. */
        boolean enter(InetAddress address) {
            boolean[] entered = {false};
            byAddress.compute(Origin.of(address), (from, count) -> {
                int before = count == null ? 0 : count;
                entered[0] = before < limits.maxPerAddress;
                return entered[0] ? Integer.valueOf(before + 1) : count;
            });
            return entered[0];
        }

        void leave(Channel connection) {
            synchronized (strangers) {
                strangers.remove(connection);
            }
            all.decrementAndGet();
        }

        void leave(InetAddress address) {
            byAddress.computeIfPresent(Origin.of(address), (from, count) -> count == 1 ? null : count - 1);
        }

        int open() {
            return all.get();
        }
    }
}
