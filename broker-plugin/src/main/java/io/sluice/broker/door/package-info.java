/**
 * The front door: where devices connect, and a connection's life from CONNECT to its end.
 *
 * <p>{@link io.sluice.broker.door.FrontDoor} is the entry. It accepts connections, lets clients in, appends what they
 * publish to a {@link io.sluice.buffer.SharedBuffer}, answers them, and hands on to Moquette what its subscribers wait
 * for. {@code DoorParts} is what all connections share. In the order of a connection's life:
 *
 * <ul>
 *   <li>Listeners: {@code FrontDoor} gives a connection its handlers, the last of which is {@code Connection}: it says
 *       where a connection is in its life, and {@code ConnectionLog} tells of it.
 *   <li>Login: {@code Login} decides whether the client may connect; {@code ClientConnections} takes over
 *       sessions, {@code Reauthentication} checks the client from then on.
 *   <li>Packets: {@code PacketProcessor} hands each to its handler; {@code SubscribeHandler} and {@code SessionSync} are those of
 *       subscribers.
 *   <li>The end: {@code PacketProcessor} again, which leaves what is still to be published to {@code door.publish}.
 * </ul>
 *
 * <p>It stands on three rooms, each of which knows only those named before it: {@code door.transport} makes packets of bytes,
 * {@code door.client} knows who a client is and what it may do, {@code door.publish} takes its publishes.
 */
@NullMarked
package io.sluice.broker.door;

import org.jspecify.annotations.NullMarked;
