package io.sluice.buffer.consumer;

/** Whether any consumer wants the messages of a topic, and how safe the most careful of them wants them. */
public enum Interest {
    /** No consumer's filters match: the message is not captured. */
    NONE,
    /** Captured; acknowledged on receipt. */
    RECEIVED,
    /** Captured; acknowledged when in the buffer. */
    BUFFERED,
    /** Captured; acknowledged when Kafka has it. */
    DELIVERED
}
