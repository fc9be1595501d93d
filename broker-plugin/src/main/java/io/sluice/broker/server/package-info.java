/**
 * A standalone broker: Moquette with the front door and the buffer, as a server outside of any Connect worker.
 *
 * <p>{@link io.sluice.broker.server.BrokerServer} is the entry, and the program behind {@code bin/sluice-broker}. It
 * reads a file in Moquette's format and starts an {@link io.sluice.broker.EmbeddedBroker}. {@link
 * io.sluice.broker.server.StockMoquette} does as much as can be done inside a server that Moquette itself has started.
 */
@NullMarked
package io.sluice.broker.server;

import org.jspecify.annotations.NullMarked;
