package io.sluice.broker.door;

import io.moquette.broker.MoquetteParts;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.client.ClientLimits;
import io.sluice.broker.door.client.ConnectRateLimit;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.client.LoginDelays;
import io.sluice.broker.door.publish.Publishers;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.EventLoops;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueuedBytes;
import io.sluice.broker.door.transport.Tls;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.SharedBuffer;
import io.sluice.status.ConnectedClient;
import io.sluice.tls.TlsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/**
 * Where devices connect: the listeners, and what all connections share.
 *
 * <p>Every connection ends in a {@link Connection}, which captures publishes into the buffer, answers publishers and
 * hands on to Moquette what its subscribers wait for. Thread-safe.
 */
public final class FrontDoor implements AutoCloseable {

    /** As long as the system allows: Linux takes the smaller of this and {@code net.core.somaxconn}. */
    private static final int BACKLOG = 65_535;

    // What the connections share: the classes of this package take it from here.
    final SessionStore sessionStore;
    final AccessControl access;
    final ClientLimits clientLimits;
    final List<WebSocketOrigin> origins;
    final boolean proxyProtocol;
    final QueuedBytes queuedBytes;
    final ConnectionLimits.Count connections;
    private final AtomicLong arrivals = new AtomicLong();
    final ConnectRateLimit connectRateLimit;
    final LoginDelays loginDelays;
    final ClientConnections clientConnections = new ClientConnections();
    final DoorCounts counts = new DoorCounts();
    final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(FrontDoor.class));
    final MoquetteParts moquette;
    final Publishers publishers;
    private final EventLoops eventLoops;
    private Optional<Tls> tls = Optional.empty();
    private final List<Channel> listening = new ArrayList<>();

    private FrontDoor(DoorConfig config, SharedBuffer buffer, SessionStore store, UnreleasedIds unreleasedIds) {
        this.sessionStore = store;
        this.access = config.access();
        this.clientLimits = config.clientLimits();
        this.origins = config.webSocketOrigins();
        this.proxyProtocol = config.proxyProtocol();
        this.queuedBytes = new QueuedBytes(config.queueLimits());
        this.connections = new ConnectionLimits.Count(config.connectionLimits());
        this.moquette = new MoquetteParts(
                store,
                access.rights(),
                clientLimits.maxSessionExpirySeconds(),
                this::failed,
                unreleasedIds::sessionEnded);
        this.publishers = new Publishers(
                buffer,
                store,
                moquette,
                access,
                unreleasedIds,
                config.rates().publishes(),
                config.fanout(),
                counts,
                log);
        try {
            this.eventLoops = EventLoops.start();
        } catch (RuntimeException | Error e) {
            moquette.close();
            throw e;
        }
        this.loginDelays = new LoginDelays(config.rates().longestLoginDelay(), counts, log);
        this.connectRateLimit = new ConnectRateLimit(config.rates().connects(), config.proxyProtocol(), counts, log);
        access.whenChanged(() -> clientConnections.forEach(Connection::recheck));
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
            unreleasedIds.keepOnly(door.moquette::hasSession);
            door.tls = config.tls().map(tls -> new Tls(tls, door.clientLimits.connectTimeoutMs()));
            for (Listener listener : config.listeners()) {
                door.listen(listener);
            }
            return door;
        } catch (IOException | RuntimeException | Error e) {
            door.close();
            throw e;
        }
    }

    private void listen(Listener listener) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(eventLoops.accepting(), eventLoops.serving())
                .channel(eventLoops.channelType())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(connectRateLimit.gate())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // What a client sent before it hung up is read, also when an answer can no longer be written.
                .childOption(ChannelOption.AUTO_CLOSE, false)
                .childHandler(new ConnectionInitializer(
                        this,
                        listener.transport(),
                        tls.filter(spoken -> listener.transport().isEncrypted())))
                .bind(listener.host(), listener.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(listener + ": " + bound.cause().getMessage(), bound.cause());
        }
        listening.add(bound.channel());
    }

    /** The ports that the listeners are bound to, in the order of the configuration. */
    public List<Integer> ports() {
        return listening.stream()
                .map(channel -> ((InetSocketAddress) channel.localAddress()).getPort())
                .toList();
    }

    /** A command that Moquette ran for a client has failed: disconnects this client. */
    private void failed(String clientId, Throwable cause) {
        log.say(Kind.FAILED, "A command of client '{}' failed; it is disconnected", clientId, cause);
        clientConnections.of(clientId).ifPresent(Connection::failed);
    }

    /** A number for a CONNECT, higher than all before. */
    long nextArrival() {
        return arrivals.incrementAndGet();
    }

    /** Which of the listeners are open, in the order of the configuration. */
    public List<Boolean> areOpen() {
        return listening.stream().map(Channel::isOpen).toList();
    }

    /** Some of the clients that are connected, at most so many. */
    public List<ConnectedClient> clients(int limit) {
        return clientConnections.some(limit).stream().map(this::withQueue).toList();
    }

    /** The client of an identifier, if it is connected. */
    public Optional<ConnectedClient> client(String clientId) {
        return clientConnections.client(clientId).map(this::withQueue);
    }

    private ConnectedClient withQueue(ConnectedClient client) {
        return client.withQueued(moquette.queuedFor(client.clientId()));
    }

    /**
     * Disconnects a client at an operator's request; its session stays.
     *
     * @return false if it is not connected
     */
    public boolean disconnect(String clientId) {
        Optional<Connection> connected =
                clientConnections.client(clientId).flatMap(client -> clientConnections.of(clientId));
        connected.ifPresent(connection -> connection.leave(Reason.ADMINISTRATIVE_ACTION));
        return connected.isPresent();
    }

    public DoorStats stats() {
        return new DoorStats(
                listening.stream().allMatch(Channel::isOpen),
                clientConnections.count(),
                connections.open(),
                moquette.sessionCount(),
                queuedBytes.held(),
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
                moquette.undelivered());
    }

    /** Closes the listeners, tells the clients, and closes their connections. */
    @Override
    public void close() {
        // The last one is closed first, and each also if another one throws.
        try (moquette;
                eventLoops) {
            publishers.close();
            listening.forEach(Channel::close);
            clientConnections.forEach(connection -> connection.leave(Reason.SERVER_SHUTTING_DOWN));
        }
    }
}
