/**
 * The shared buffer: a durable log between the front door and every connector that drains it.
 *
 * <p>{@link io.sluice.buffer.SharedBuffer} is the entry: the front door appends to it, connectors attach to it as
 * {@link io.sluice.buffer.Attachment}s. What it writes and reads lies in {@code io.sluice.buffer.log}. This room knows messages, and neither Moquette, Netty nor Kafka.
 */
@NullMarked
package io.sluice.buffer;

import org.jspecify.annotations.NullMarked;
