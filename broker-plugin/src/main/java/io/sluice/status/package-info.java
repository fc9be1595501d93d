/**
 * What goes on in this process, for whoever looks: brokers, tasks, clients and events, over HTTP.
 *
 * <p>{@link io.sluice.status.StatusBoard} is where the other packages put what they show, in values of this package;
 * {@link io.sluice.status.StatusListener} is where it is served. Only what is behind the listener knows Netty. This package
 * measures nothing and knows none of those that it shows.
 */
@NullMarked
package io.sluice.status;

import org.jspecify.annotations.NullMarked;
