package io.sluice.connect.delivery;

/**
 * How much a poll returns.
 *
 * @param maxMessages the most messages, at least 1
 * @param maxBytes no further message once payloads, topics, names and properties have reached this many bytes
 */
public record BatchLimits(int maxMessages, int maxBytes) {}
