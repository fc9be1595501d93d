/**
 * What the broker must remember of its clients: sessions, their subscriptions, the queues of those that are away, and
 * retained messages, on disk or in memory.
 *
 * <p>{@link io.sluice.broker.session.SessionStore} is the entry. This package knows messages, and neither Moquette nor Netty.
 */
@NullMarked
package io.sluice.broker.session;

import org.jspecify.annotations.NullMarked;
