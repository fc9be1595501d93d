/**
 * The status of this process over HTTP: brokers, tasks, clients and events.
 *
 * <p>The other packages put what they show on the {@link io.sluice.status.StatusBoard}, in values of this package; a
 * {@link io.sluice.status.StatusListener} serves it. Only the classes behind the listener know Netty. This package
 * measures nothing, and knows none of the packages that it shows.
 */
@NullMarked
package io.sluice.status;

import org.jspecify.annotations.NullMarked;
