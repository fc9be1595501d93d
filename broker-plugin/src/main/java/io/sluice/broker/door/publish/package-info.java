/**
 * Publishes: from a client's queue to the buffer, to subscribers, and back as answers.
 *
 * <p>{@link io.sluice.broker.door.publish.Publishing} is the entry, for one connection; {@code Publishers} is what all
 * connections share. In the order in which a client publishes:
 *
 * <ul>
 *   <li>It has connected: {@code ConnectionEvents}.
 *   <li>When it may publish: {@code PublishThrottle}, and {@code PublishThrottles} for the limits that it shares.
 *   <li>Its publishes: {@code Capture} takes them into the buffer, {@code Retained} keeps them, {@code MoquetteForwarder}
 *       hands them on, {@code AckQueue} answers them.
 *   <li>Of QoS 2 also: {@code UnreleasedIds} with {@code UnreleasedMemory}, {@code PubrelHandler}.
 *   <li>It is gone: {@code Disconnection} says how, {@code RemainingPackets} takes what it left, through {@code
 *       DeferredAppends}.
 *   <li>Its will: {@code WillPublication}, and {@code Wills} for those that wait.
 * </ul>
 */
@NullMarked
package io.sluice.broker.door.publish;

import org.jspecify.annotations.NullMarked;
