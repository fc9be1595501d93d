package io.sluice.connect.delivery;

/**
 * The draining of one buffer at one moment.
 *
 * @param lag positions that are not dealt with
 * @param oldestAgeMs how long the oldest message that is not dealt with has waited, in milliseconds; 0 if there is none. Of
 *     messages that were not read, because the task is paused, the longest time that it can be
 * @param delivered records that are in Kafka
 * @param filtered records that a transformation or a tolerated failure has dropped
 */
record DrainSnapshot(long lag, long oldestAgeMs, long delivered, long filtered) {}
