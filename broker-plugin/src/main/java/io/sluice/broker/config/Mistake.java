package io.sluice.broker.config;

/**
 * What is wrong with a configuration.
 *
 * @param key the key to change
 * @param sentence names the keys, the values, and what would be right
 */
public record Mistake(Key<?> key, String sentence) {}
