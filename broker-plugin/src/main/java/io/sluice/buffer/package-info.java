/**
 * The shared buffer: a durable log between the front door and every connector that drains it.
 *
 * <p>{@link io.sluice.buffer.SharedBuffer} is the entry: the front door appends to it, connectors attach to it. To be read
 * after it: {@code Appender}, {@code Committer} and {@code Housekeeper}, which take, make safe, and drop. Four rooms lie below
 * it, each of which knows only those behind it: {@code io.sluice.buffer.consumer} knows who drains the log, {@code
 * io.sluice.buffer.recovery} opens it, {@code io.sluice.buffer.log} is the log, and {@code io.sluice.buffer.record} is what
 * lies in it. This room knows messages, and neither Moquette, Netty nor Kafka.
 */
@NullMarked
package io.sluice.buffer;

import org.jspecify.annotations.NullMarked;
