package io.sluice.buffer;

/**
 * What waits in a buffer from a position on.
 *
 * @param messages positions
 * @param bytes about how much they take
 * @param oldestAgeMs how long the first of them has waited, at least, in milliseconds; 0 if there is none
 */
public record Backlog(long messages, long bytes, long oldestAgeMs) {}
