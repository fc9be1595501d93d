/**
 * Consumers: who is attached to a buffer or remembered by it, which lanes each of them drains, what they have acknowledged, and
 * what is kept for them.
 *
 * <p>{@link io.sluice.buffer.consumer.Attachment} is the entry: a connector's hold on a buffer, in this process, as {@link
 * io.sluice.buffer.consumer.LocalAttachment}, or on another machine. {@link io.sluice.buffer.consumer.ConsumerRegistry} knows all
 * consumers: of each a {@code ConsumerState} with the {@code LaneHold}s of its attachments. A {@link
 * io.sluice.buffer.consumer.StoredConsumer} is what of it a checkpoint keeps. {@link io.sluice.buffer.consumer.Interest} says what
 * all of them want of a message that comes.
 *
 * <p>This room knows the log, and nothing of who appends to it or drops what nobody needs any more.
 */
@NullMarked
package io.sluice.buffer.consumer;

import org.jspecify.annotations.NullMarked;
