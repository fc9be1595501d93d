package io.sluice.buffer.record;

import io.sluice.message.Message;

/**
 * A message read from a buffer.
 *
 * @param position its position: unique in its buffer, higher than that of every message appended before it
 * @param lane its lane, 0 to 63
 * @param message owns its payload
 */
public record StoredMessage(long position, int lane, Message message) {}
