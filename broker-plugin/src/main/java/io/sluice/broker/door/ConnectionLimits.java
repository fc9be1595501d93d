package io.sluice.broker.door;

import io.sluice.broker.rate.Origin;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
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

    /** One for each 16 KiB of the largest heap, and half of them from one address. */
    public static ConnectionLimits defaults() {
        return of(defaultMax());
    }

    /** So many, and half of them from one address. */
    public static ConnectionLimits of(int max) {
        return new ConnectionLimits(max, Math.max(1, max / 2));
    }

    /** One for each 16 KiB of the largest heap, at least 1,000. */
    public static int defaultMax() {
        return (int)
                Math.min(Integer.MAX_VALUE, Math.max(LEAST, Runtime.getRuntime().maxMemory() / BYTES_EACH));
    }

    /** The connections that there are. Thread-safe. */
    static final class Count {

        private final ConnectionLimits limits;
        private final AtomicInteger all = new AtomicInteger();
        private final ConcurrentMap<Origin, Integer> byAddress = new ConcurrentHashMap<>();

        Count(ConnectionLimits limits) {
            this.limits = limits;
        }

        /** Counts one more connection, if the limit allows it; it must {@link #leave} in the end. */
        boolean enter() {
            if (all.incrementAndGet() > limits.max) {
                all.decrementAndGet();
                return false;
            }
            return true;
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

        void leave() {
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
