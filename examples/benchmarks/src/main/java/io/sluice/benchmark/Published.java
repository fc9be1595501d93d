package io.sluice.benchmark;

import org.HdrHistogram.Histogram;

/**
 * What a load generator has seen.
 *
 * @param beginNs when the first message was due
 * @param endNs when the last acknowledgement came, or with QoS 0 when the last message was written
 * @param published how many messages were written
 * @param acknowledged how many of them were acknowledged (PUBACK, PUBCOMP); with QoS 0 all that were written
 * @param hung how many clients wait for an acknowledgement that does not come
 * @param ackLatency from when a message was due to its PUBACK or PUBREC, in nanoseconds
 */
record Published(long beginNs, long endNs, int published, int acknowledged, int hung, Histogram ackLatency) {

    double perSecond() {
        return acknowledged * 1e9 / Math.max(1, endNs - beginNs);
    }
}
