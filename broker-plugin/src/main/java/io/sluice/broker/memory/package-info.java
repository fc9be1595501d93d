/**
 * What the broker must remember of its clients: sessions, their subscriptions, the queues of those that are away, and
 * retained messages, on disk or in memory.
 *
 * <p>{@link io.sluice.broker.memory.BrokerMemory} is the entry. This room knows messages, and neither Moquette nor Netty.
 */
@NullMarked
package io.sluice.broker.memory;

import org.jspecify.annotations.NullMarked;
