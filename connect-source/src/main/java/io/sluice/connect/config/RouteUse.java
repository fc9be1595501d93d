package io.sluice.connect.config;

import io.sluice.connect.route.PartitionCounts;

/**
 * What routes are made for.
 *
 * @param keeps whether what routes learn is kept for the next task
 */
record RouteUse(PartitionCounts partitions, boolean keeps) {

    /** To look at the routes, or at what they make of a message. */
    static final RouteUse TRIAL = new RouteUse(PartitionCounts.UNKNOWN, false);
}
