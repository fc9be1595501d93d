package io.sluice.connect.delivery;

/**
 * What is logged of messages that cannot be mapped: Kafka Connect's {@code errors.log.enable} and
 * {@code errors.log.include.messages}, which do not cover polls.
 */
public enum ErrorLog {
    /** One of them in ten seconds at most, with their number. */
    SUMMARY,
    /** Each of them. */
    EACH,
    /** Each of them, with the beginning of its payload. */
    EACH_WITH_PAYLOAD
}
