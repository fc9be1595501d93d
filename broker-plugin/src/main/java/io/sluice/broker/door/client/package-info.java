/**
 * Clients: who each is, what it may do, and how often. What is here decides; it sends nothing, publishes nothing, and opens
 * no session.
 *
 * <p>{@link io.sluice.broker.door.client.Client} is the entry: whom a CONNECT comes from. In the order in which a client is
 * asked:
 *
 * <ul>
 *   <li>Who it is: {@code Client} with {@code PeerCertificate} and {@code Will}, from a CONNECT that {@code ConnectCheck}
 *       finds valid.
 *   <li>How often it may come: {@code ConnectRateLimit}, {@code LoginDelays}.
 *   <li>What it is told: {@code ClientLimits}, {@code Connack}.
 *   <li>What it may do then: {@code PublishCheck}; {@code SubscriptionGrants} with {@code SubscribeCheck}.
 *   <li>What is said of it: {@code DoorCounts}, {@code LimitedLog}.
 * </ul>
 */
@NullMarked
package io.sluice.broker.door.client;

import org.jspecify.annotations.NullMarked;
