package io.sluice.broker;

import io.sluice.broker.door.DoorStats;
import io.sluice.broker.session.SessionStats;
import io.sluice.buffer.BufferStats;

/**
 * A broker at one moment.
 *
 * @param buffer what it captures into
 * @param door who comes in, and what is refused
 * @param sessions what it remembers for its subscribers
 */
public record BrokerStats(BufferStats buffer, DoorStats door, SessionStats sessions) {}
