package io.sluice.buffer;

/** What happens to a message that finds the buffer full. */
public enum Overflow {
    /** It waits in front of the buffer until there is free space; its publisher is not acknowledged meanwhile. */
    BLOCK,
    /** Its publisher is told: MQTT 5 reason 0x97 (quota exceeded), MQTT 3 connections are closed. */
    REJECT,
    /** It is dropped and counted; its publisher is acknowledged. */
    DROP_NEWEST,
    /** The oldest segment is dropped and counted to free space, whoever still wanted it. */
    DROP_OLDEST
}
