/**
 * An MQTT broker in this process.
 *
 * <p>{@link io.sluice.broker.EmbeddedBroker} is the entry: it starts and shares brokers. In each, the front door captures
 * what devices publish into a {@link io.sluice.buffer.SharedBuffer}; Moquette serves the subscribers.
 */
@NullMarked
package io.sluice.broker;

import org.jspecify.annotations.NullMarked;
