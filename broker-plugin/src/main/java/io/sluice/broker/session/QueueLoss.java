package io.sluice.broker.session;

/** Why a message left a session's queue, or never entered it, without being delivered. */
public enum QueueLoss {
    /** The queue holds as many messages, or as many bytes, as it may. */
    QUEUE_FULL,
    /** All queues together hold as many bytes as they may; the largest one gave way. */
    STORE_FULL,
    /** Its message expiry interval has passed [MQTT-3.3.2-5]. */
    EXPIRED,
    /** The disk takes nothing, and what waits for it fills the memory set aside for that. */
    DISK,
    /** It cannot be read from the disk any more. */
    UNREADABLE
}
