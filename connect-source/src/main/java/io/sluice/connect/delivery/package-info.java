/**
 * What goes to Kafka Connect and what comes back: positions forward, acknowledgements backward.
 *
 * <p>{@link io.sluice.connect.delivery.Drains} is the entry. Each {@link io.sluice.connect.delivery.Drain} begins where
 * {@link io.sluice.connect.delivery.Resume} says, names each record's place with {@link
 * io.sluice.connect.delivery.SourceOffsets}, and tells the buffer, by way of {@link
 * io.sluice.connect.delivery.Outstanding}, what is dealt with.
 */
@NullMarked
package io.sluice.connect.delivery;

import org.jspecify.annotations.NullMarked;
