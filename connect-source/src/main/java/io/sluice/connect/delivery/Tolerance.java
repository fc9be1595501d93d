package io.sluice.connect.delivery;

/** What a message that cannot be mapped does: Kafka Connect's {@code errors.tolerance}, which does not cover polls. */
public enum Tolerance {
    /** It fails the task. */
    NONE,
    /** It is skipped, counted and logged. */
    ALL
}
