package io.sluice.broker.door;

import io.moquette.broker.metrics.MQTTMessageLogger;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.EventLoops;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.PacketPipeline;
import io.sluice.broker.door.transport.Tls;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.SharedBuffer;
import io.sluice.status.ConnectedClient;
import io.sluice.tls.SocketUri;
import io.sluice.tls.TlsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Where devices connect: opens the listeners, and says what is there.
 *
 * <p>Every connection ends in a {@link Connection}, which captures publishes into the buffer, answers publishers and
 * hands on to Moquette what its subscribers wait for. Thread-safe.
 */
public final class FrontDoor implements AutoCloseable {

    /** As long as the system allows: Linux takes the smaller of this and {@code net.core.somaxconn}. */
    private static final int BACKLOG = 65_535;

    final DoorParts parts;
    private final EventLoops eventLoops;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Channel> listening = new ArrayList<>();

    private FrontDoor(DoorConfig config, SharedBuffer buffer, SessionStore store, UnreleasedIds unreleasedIds) {
        LimitedLog log = new LimitedLog(LoggerFactory.getLogger(FrontDoor.class));
        this.parts = new DoorParts(config, buffer, store, unreleasedIds, log, this::failed);
        try {
            this.eventLoops = EventLoops.start();
        } catch (RuntimeException | Error e) {
            parts.moquette.close();
            throw e;
        }
        parts.access.whenChanged(() -> parts.clientConnections.forEach(Connection::recheck));
    }

    /**
     * Opens the listeners.
     *
     * @param unreleasedIds of the same buffer; outlives the door
     * @throws IOException if an address cannot be bound; then nothing is left open
     * @throws TlsException if a file of keys or certificates cannot be used
     */
    public static FrontDoor open(
            DoorConfig config, SharedBuffer buffer, SessionStore store, UnreleasedIds unreleasedIds)
            throws IOException {
        FrontDoor door = new FrontDoor(config, buffer, store, unreleasedIds);
        try {
            unreleasedIds.keepOnly(door.parts.moquette::hasSession);
            Optional<Tls> tls = config.tls().map(keys -> new Tls(keys, door.parts.clientLimits.connectTimeoutMs()));
            for (Listener listener : config.listeners()) {
                door.listen(listener, tls, config.webSocketOrigins());
            }
            return door;
        } catch (IOException | RuntimeException | Error e) {
            door.close();
            throw e;
        }
    }

    private void listen(Listener listener, Optional<Tls> tls, List<WebSocketOrigin> origins) throws IOException {
        PacketPipeline packets = new PacketPipeline(
                listener.transport(),
                tls.filter(spoken -> listener.transport().isEncrypted()),
                parts.proxyProtocol,
                origins,
                parts.clientLimits.maxPacketBytes(),
                parts.clientLimits.connectTimeoutMs());
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoops.accepting(), eventLoops.serving())
                .channel(eventLoops.channelType())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(parts.connectRateLimit.gate())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // What a client sent before it hung up is read, also when an answer can no longer be written.
                .childOption(ChannelOption.AUTO_CLOSE, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        letIn(channel, packets);
                    }
                })
                .bind(listener.host(), listener.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(listener + ": " + SocketUri.whyNotBound(bound.cause()), bound.cause());
        }
        listening.add(bound.channel());
        int port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        listeners.add(new Listener(listener.transport(), listener.host(), port));
    }

    /** Lets a new connection in, if there may be one more, and gives it its handlers. */
    private void letIn(Channel channel, PacketPipeline packets) {
        Optional<Channel> leaves = parts.connections.enter(channel);
        leaves.ifPresent(this::turnAway);
        if (leaves.equals(Optional.of(channel))) {
            return;
        }
        channel.closeFuture().addListener(closed -> parts.connections.leave(channel));
        Connection connection = new Connection(parts, channel, packets.transport());
        packets.addTo(channel, connection);
        if (LoggerFactory.getLogger(MQTTMessageLogger.class).isDebugEnabled()) {
            channel.pipeline().addLast(new MQTTMessageLogger());
        }
        channel.pipeline().addLast(connection);
        if (!parts.proxyProtocol) {
            connection.comesFrom(channel.remoteAddress());
        }
    }

    private void turnAway(Channel connection) {
        parts.counts.turnedAway.increment();
        parts.log.say(
                Kind.TURNED_AWAY,
                "Closing a connection from {}: the limit of connections is reached",
                connection.remoteAddress());
        connection.close();
    }

    /** The listeners, with the ports they are bound to, in the order of the configuration. */
    public List<Listener> listeners() {
        return List.copyOf(listeners);
    }

    /** A command that Moquette ran for a client has failed: disconnects this client. */
    private void failed(String clientId, Throwable cause) {
        parts.log.say(Kind.FAILED, "A command of client '{}' failed; it is disconnected", clientId, cause);
        parts.clientConnections.of(clientId).ifPresent(Connection::failed);
    }

    /** Which of the listeners are open, in the order of the configuration. */
    public List<Boolean> areOpen() {
        return listening.stream().map(Channel::isOpen).toList();
    }

    /** Some of the clients that are connected, at most so many. */
    public List<ConnectedClient> clients(int limit) {
        return parts.clientConnections.some(limit).stream().map(this::withQueue).toList();
    }

    /** The client of an identifier, if it is connected. */
    public Optional<ConnectedClient> client(String clientId) {
        return parts.clientConnections.client(clientId).map(this::withQueue);
    }

    private ConnectedClient withQueue(ConnectedClient client) {
        return client.withQueued(parts.moquette.queuedFor(client.clientId()));
    }

    /**
     * Disconnects a client at an operator's request; its session stays.
     *
     * @return false if it is not connected
     */
    public boolean disconnect(String clientId) {
        Optional<Connection> connected =
                parts.clientConnections.client(clientId).flatMap(client -> parts.clientConnections.of(clientId));
        connected.ifPresent(connection -> connection.leave(Reason.ADMINISTRATIVE_ACTION));
        return connected.isPresent();
    }

    public DoorStats stats() {
        DoorCounts counts = parts.counts;
        return new DoorStats(
                listening.stream().allMatch(Channel::isOpen),
                parts.clientConnections.count(),
                parts.connections.open(),
                parts.moquette.sessionCount(),
                parts.queuedBytes.held(),
                counts.turnedAway.sum(),
                counts.refusedClients.sum(),
                counts.closedConnections.sum(),
                counts.refusedPublishes.sum(),
                counts.delayedPublishes.sum(),
                counts.exceedingPublishes.sum(),
                counts.acceptPauses.sum(),
                counts.heldOffClients.sum(),
                counts.wrongPasswords.sum(),
                counts.delayedLogins.sum(),
                parts.moquette.undelivered());
    }

    /** Closes the listeners, tells the clients, and closes their connections. */
    @Override
    public void close() {
        // The last one is closed first, and each also if another one throws.
        try (parts.moquette;
                eventLoops) {
            parts.publishers.close();
            listening.forEach(Channel::close);
            parts.clientConnections.forEach(connection -> connection.leave(Reason.SERVER_SHUTTING_DOWN));
        }
    }
}
