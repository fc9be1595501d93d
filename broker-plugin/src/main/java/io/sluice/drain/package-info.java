/**
 * The buffer served to, and read from, another machine.
 *
 * <p>{@link io.sluice.drain.DrainServer} serves the buffer of a broker, {@link io.sluice.drain.RemoteBuffer} is a worker's
 * hold on it; {@code drain.proto} says what passes between them, and how both are upgraded. gRPC is known here and
 * nowhere else.
 */
@NullMarked
package io.sluice.drain;

import org.jspecify.annotations.NullMarked;
