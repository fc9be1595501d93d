package io.sluice.buffer.consumer;

/**
 * One consumer at one moment.
 *
 * @param attached whether it drains the buffer now
 * @param expired whether it was away for so long that it holds nothing back
 * @param floor the first position it may still need
 */
public record ConsumerStats(String name, boolean attached, boolean expired, long floor) {}
