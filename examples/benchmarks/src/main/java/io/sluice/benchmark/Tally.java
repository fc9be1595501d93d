package io.sluice.benchmark;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Counts what arrives of one run: every message once, twice, late, or never. For one thread. */
final class Tally {

    /** The time that a point of {@link #perSlot} stands for. */
    static final long SLOT_NS = 250_000_000L;

    private final int run;
    private final BitSet[] seen;
    private final int[] highest;
    private final Histogram latency = new Histogram(3);
    private final List<Integer> perSlot = new ArrayList<>();
    private int arrived;
    private int twice;
    private int outOfOrder;
    private long firstNs;
    private long lastNs;
    private long firstTakenMs = Long.MAX_VALUE;
    private long lastTakenMs = Long.MIN_VALUE;

    Tally(int run, int connections) {
        this.run = run;
        this.seen = new BitSet[connections];
        this.highest = new int[connections];
        for (int i = 0; i < connections; i++) {
            seen[i] = new BitSet();
            highest[i] = -1;
        }
    }

    /** Takes note of a message; of another run's it takes none. */
    void add(Stamp stamp, long nowNs, long takenMs) {
        if (stamp.run() != run) {
            return;
        }
        taken(takenMs);
        if (firstNs == 0) {
            firstNs = nowNs;
        }
        lastNs = nowNs;
        BitSet ofClient = seen[stamp.connection()];
        if (ofClient.get(stamp.sequence())) {
            twice++;
            return;
        }
        ofClient.set(stamp.sequence());
        if (stamp.sequence() < highest[stamp.connection()]) {
            outOfOrder++;
        } else {
            highest[stamp.connection()] = stamp.sequence();
        }
        arrived++;
        latency.recordValue(Math.max(0, nowNs - stamp.dueNs()));
        int slot = (int) ((nowNs - firstNs) / SLOT_NS);
        while (perSlot.size() <= slot) {
            perSlot.add(0);
        }
        perSlot.set(slot, perSlot.get(slot) + 1);
    }

    /** Takes note of a message of which is only known that it came. */
    void count(long nowNs, long takenMs) {
        taken(takenMs);
        if (firstNs == 0) {
            firstNs = nowNs;
        }
        lastNs = nowNs;
        arrived++;
    }

    private void taken(long ms) {
        firstTakenMs = Math.min(firstTakenMs, ms);
        lastTakenMs = Math.max(lastTakenMs, ms);
    }

    /**
     * Messages a second from when Kafka took the first to when it took the last, however far behind the one who tallies
     * reads.
     */
    double perSecond() {
        return arrived * 1e3 / Math.max(1, lastTakenMs - firstTakenMs);
    }

    /** How many different messages have arrived. */
    int arrived() {
        return arrived;
    }

    /** How many arrived again. */
    int twice() {
        return twice;
    }

    /** How many arrived for the first time after a later one of the same client. */
    int outOfOrder() {
        return outOfOrder;
    }

    /** From when a message was due to its arrival at a consumer, in nanoseconds. */
    Histogram latency() {
        return latency;
    }

    /** How many arrived in each slot of time since the first did. */
    List<Integer> perSlot() {
        return List.copyOf(perSlot);
    }

    long lastNs() {
        return lastNs;
    }
}
