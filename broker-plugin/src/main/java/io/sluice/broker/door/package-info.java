/**
 * The front door: listeners, limits, capture and answers.
 *
 * <p>{@link io.sluice.broker.door.FrontDoor} is the entry. It accepts connections, lets clients in, appends what they
 * publish to a {@link io.sluice.buffer.SharedBuffer}, answers them, and hands on to Moquette what its subscribers wait
 * for. In the order of a connection's life:
 *
 * <ul>
 *   <li>Listeners: {@code ConnectRateLimit}, {@code ConnectionInitializer} with the handlers of {@code door.transport}; the
 *       last handler is {@code Connection}.
 *   <li>Login: {@code ConnectCheck}, {@code ConnectRequest}, {@code Login}; {@code ClientConnections} takes over sessions,
 *       {@code Reauthentication} checks the client from then on.
 *   <li>Packets: {@code PacketProcessor} hands each to its handler.
 *   <li>Publishes: {@code PublishThrottle}, {@code Capture} with {@code PublishCheck}, {@code AckQueue}; of QoS 2 also {@code
 *       UnreleasedIds} and {@code PubrelHandler}.
 *   <li>Subscribers: {@code SubscribeHandler}, {@code MoquetteForwarder}, {@code Retained}.
 *   <li>The end: {@code RemainingPackets}, {@code Disconnection}, {@code Wills}.
 * </ul>
 *
 * <p>{@code door.transport}, which knows nothing of clients, turns the bytes of a connection into packets.
 */
@NullMarked
package io.sluice.broker.door;

import org.jspecify.annotations.NullMarked;
