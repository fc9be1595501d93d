package io.sluice.message;

/**
 * One MQTT 5 user property (section 3.3.2.3.7). Names may repeat within a message, and their order counts.
 *
 * @param name the name, may be empty
 * @param value the value, may be empty
 */
public record UserProperty(String name, String value) {}
