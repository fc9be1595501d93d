/**
 * From the bytes of a connection to MQTT packets and back: TCP, TLS, WebSockets, headers of load balancers, frames, and
 * the threads of the network. Nothing here knows what a packet is for, or whose it is.
 *
 * <p>{@link io.sluice.broker.door.transport.PacketPipeline} is the entry: it gives a connection its handlers, which speak
 * to the one behind them as a {@link io.sluice.broker.door.transport.PacketReceiver}. In the order in which bytes come:
 *
 * <ul>
 *   <li>Where: {@code Listener}, and {@code EventLoops} with {@code EventLoopCall}, by which others come back to them.
 *   <li>The handlers: {@code ReadPause}, {@code ProxyAddress}, {@code Tls} with {@code OneHandshake}, {@code
 *       WebSocketUpgrade} with {@code WebSocketOrigin}, {@code WebSocketFrames}, {@code PacketFrames} with {@code FrameCheck}.
 *   <li>What was read and waits: {@code PacketQueue}, {@code QueuedBytes}, {@code QueueLimits}.
 *   <li>What is written: {@code StallWatch}, {@code GracefulClose}.
 * </ul>
 */
@NullMarked
package io.sluice.broker.door.transport;

import org.jspecify.annotations.NullMarked;
