package io.sluice.broker;

import io.sluice.broker.door.DoorStats;
import io.sluice.broker.session.SessionStats;
import io.sluice.buffer.BufferStats;

/**
 * A broker at one moment.
 *
 * @param buffer its buffer
 * @param door its clients, and what the front door has refused
 * @param sessions its sessions, queues and retained messages
 */
public record BrokerStats(BufferStats buffer, DoorStats door, SessionStats sessions) {}
