/**
 * The Moquette broker and the front door in it.
 *
 * <p>{@link io.sluice.broker.EmbeddedBroker} is the entry: it starts Moquette inside this process, with our handler in
 * front of Moquette's on every connection. What that handler captures goes into a
 * {@link io.sluice.buffer.SharedBuffer}; what it lets pass goes on to Moquette for its subscribers.
 */
@NullMarked
package io.sluice.broker;

import org.jspecify.annotations.NullMarked;
