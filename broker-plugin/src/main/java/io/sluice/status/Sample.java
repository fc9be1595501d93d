package io.sluice.status;

import java.util.Map;

/**
 * A metric's value at one moment.
 *
 * @param name lower case, with dashes, such as {@code sluice-lag-positions}; one that ends with {@code -total} only rises
 * @param description what it says, with its unit
 * @param labels what tells it from others of the name, in the order in which they are shown
 */
public record Sample(String name, String description, Map<String, String> labels, double value) {}
