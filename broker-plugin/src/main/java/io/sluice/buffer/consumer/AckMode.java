package io.sluice.buffer.consumer;

/** How safe a message must be before its publisher is acknowledged, from weakest to strongest. */
public enum AckMode {
    /** Received: for data that may be lost. */
    RECEIVED,
    /** In the buffer: fsynced, where the buffer is on disk. */
    BUFFERED,
    /** Acknowledged by Kafka. */
    DELIVERED
}
