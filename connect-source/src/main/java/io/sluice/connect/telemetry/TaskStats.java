package io.sluice.connect.telemetry;

/**
 * A task at one moment. Counts begin with its start.
 *
 * @param attachedBuffers buffers that it drains
 * @param lag positions in them that are not dealt with
 * @param oldestUndeliveredAgeMs how long the oldest message that is not dealt with has waited, in milliseconds; 0 if none
 *     does
 * @param delivered records that are in Kafka
 * @param filtered records that the filter of a route, a transformation or a tolerated failure has dropped
 * @param deadLetters messages that became dead letters
 * @param skipped messages that could not be mapped and were skipped
 * @param waitingEndpoints standalone brokers to which the task has not attached yet
 * @param kafkaSilenceMs how long Kafka has acknowledged nothing although records are on their way, in milliseconds; 0 if none
 *     are
 * @param lost positions that a buffer no longer had when they were to be read
 * @param unknownAliases metrics of Sparkplug B in records that have no name, since no birth is known that says what their alias
 *     stands for
 * @param sequenceGaps messages of Sparkplug B before which others are missing
 */
public record TaskStats(
        int attachedBuffers,
        long lag,
        long oldestUndeliveredAgeMs,
        long delivered,
        long filtered,
        long deadLetters,
        long skipped,
        int waitingEndpoints,
        long kafkaSilenceMs,
        long lost,
        long unknownAliases,
        long sequenceGaps) {

    long errors() {
        return deadLetters + skipped + lost;
    }
}
