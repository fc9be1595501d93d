package io.sluice.broker.session;

/** Why something was not taken into the broker's memory. */
public enum Refusal {
    /** There are as many sessions as there may be. */
    SESSIONS,
    /** The client has as many subscriptions as it may. */
    SUBSCRIPTIONS,
    /** All clients together have as many subscriptions as they may. */
    ALL_SUBSCRIPTIONS,
    /** There are as many retained messages as there may be. */
    RETAINED_MESSAGES,
    /** The retained messages hold as many bytes as they may, or all that is stored does. */
    RETAINED_BYTES,
    /** The disk takes nothing, and what waits for it fills the memory set aside for that. */
    DISK
}
