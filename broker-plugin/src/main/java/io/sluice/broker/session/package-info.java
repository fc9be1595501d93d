/**
 * What the broker must remember of its clients: sessions, their subscriptions, the queues of those that are away, and
 * retained messages, on disk or in memory.
 *
 * <p>{@link io.sluice.broker.session.SessionStore} is the entry. {@code StoreState} holds everything, and the lock that guards
 * it: {@code Session} with its {@link io.sluice.broker.session.SessionQueue}, {@code RetainedMessages}, and {@code Publishes},
 * which has each message once. A change goes to {@code PendingChanges}; the thread of {@code Journal} takes it from there and
 * writes it in the form of {@code JournalFormat}. When the store is opened, {@code JournalReader} and {@code Replay} bring the
 * state back; {@code Rewrite} writes a journal anew.
 *
 * <p>State and journal are one package, although it has forty classes: both work under the same lock, and the journal writes
 * and restores what the state hides from everybody else. This package knows messages, and neither Moquette nor Netty.
 */
@NullMarked
package io.sluice.broker.session;

import org.jspecify.annotations.NullMarked;
