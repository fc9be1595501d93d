/**
 * How often something may happen: {@link io.sluice.broker.rate.Rate} lets so much through a second, {@link
 * io.sluice.broker.rate.RateLimits} says how much of what. Knows neither Netty nor the door.
 */
@NullMarked
package io.sluice.broker.rate;

import org.jspecify.annotations.NullMarked;
