package io.sluice.status;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many requests are answered a second: they lock for a moment what brokers need too. One address gets half of
 * the answers at most, so that others hear of the health of the process. Liveness probes are not limited. For one thread.
 */
final class RequestPace {

    static final int MOST_PER_SECOND = 200;
    static final int MOST_OF_AN_ADDRESS = MOST_PER_SECOND / 2;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, Integer> byAddress = new HashMap<>();
    private long begunNanos;
    private int answered;

    /** @param nowNanos what {@link System#nanoTime} says */
    RequestPace(long nowNanos) {
        this.begunNanos = nowNanos;
    }

    boolean admits(SocketAddress from, long nowNanos) {
        if (nowNanos - begunNanos >= SECOND_NANOS) {
            begunNanos = nowNanos;
            answered = 0;
            byAddress.clear();
        }
        if (answered == MOST_PER_SECOND || byAddress.merge(host(from), 1, Integer::sum) > MOST_OF_AN_ADDRESS) {
            return false;
        }
        answered++;
        return true;
    }

    private static String host(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getHostString() : address.toString();
    }
}
