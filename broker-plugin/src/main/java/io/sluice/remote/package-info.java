/**
 * The buffer served to, and read from, another machine.
 *
 * <p>{@link io.sluice.remote.DrainServer} serves the buffer of a broker, {@link io.sluice.remote.RemoteAttachment} is a worker's
 * hold on it; {@code drain.proto} says what passes between them, and how both are upgraded. gRPC is known here and
 * nowhere else.
 */
@NullMarked
package io.sluice.remote;

import org.jspecify.annotations.NullMarked;
