package io.sluice.broker.session;

/** Why the session store has refused something. */
public enum Refusal {
    /** The limit of sessions, or of the bytes of their client ids and user names, is reached. */
    SESSIONS,
    /** The client's limit of subscriptions is reached. */
    SUBSCRIPTIONS,
    /** The limit of subscriptions of all clients is reached. */
    ALL_SUBSCRIPTIONS,
    /** The limit of retained messages is reached. */
    RETAINED_MESSAGES,
    /** The limit of bytes of retained messages, or of all messages that are stored, is reached. */
    RETAINED_BYTES,
    /** The disk takes nothing, and what waits for it fills the memory set aside for that. */
    DISK
}
