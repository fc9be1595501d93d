package io.sluice.benchmark;

import java.time.Duration;
import java.util.Optional;

/**
 * What came of a load.
 *
 * @param contender who took it
 * @param load what was published
 * @param published what the publishers saw
 * @param arrived what Kafka holds; empty if nothing was to go there
 * @param cpu processor time that the contender's processes used for it
 */
record Outcome(Contender contender, Load load, Published published, Optional<Tally> arrived, Duration cpu) {

    /** Messages a second from the first publish to the last arrival in Kafka, or to the last acknowledgement. */
    double perSecond() {
        return arrived.map(tally -> tally.arrived() * 1e9 / Math.max(1, tally.lastNs() - published.beginNs()))
                .orElseGet(published::perSecond);
    }

    /** Acknowledged, and never seen in Kafka. */
    int lost() {
        return arrived.map(tally -> Math.max(0, published.acknowledged() - tally.arrived()))
                .orElse(0);
    }

    int twice() {
        return arrived.map(Tally::twice).orElse(0);
    }

    int outOfOrder() {
        return arrived.map(Tally::outOfOrder).orElse(0);
    }

    /** Processor time a message, in microseconds. */
    double cpuMicros() {
        return cpu.toNanos() / 1e3 / Math.max(1, published.published());
    }
}
