package io.sluice.broker;

import io.moquette.BrokerConstants;
import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.MemoryConfig;
import io.moquette.interception.AbstractInterceptHandler;
import io.moquette.interception.messages.InterceptExceptionMessage;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import io.sluice.broker.Listener.Transport;
import io.sluice.buffer.SharedBuffer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Moquette server, the front door in it and the buffer behind it.
 *
 * <p>If one of Moquette's session loops dies, its clients would wait for ever. So the server is then stopped, which
 * sends every device to reconnect, and started again on the same ports, as soon as they can be had; the buffer stays
 * open. Thread-safe.
 */
final class RunningBroker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBroker.class);

    /** The order in which Moquette starts its listeners. */
    private static final List<Transport> START_ORDER =
            List.of(Transport.TCP, Transport.WS, Transport.SSL, Transport.WSS);

    private static final long FIRST_RETRY_MS = 100;
    private static final long LAST_RETRY_MS = 10_000;

    private final BrokerConfig config;
    private final SharedBuffer buffer;
    private final UnreleasedIds unreleasedIds;
    private final Supplier<Access> accessRules;
    private Server server = new Server();
    private volatile @Nullable FrontDoor door;
    private List<Listener> listeners = List.of();
    private volatile long restarts;
    private boolean restarting;
    private boolean closed;

    private RunningBroker(BrokerConfig config, SharedBuffer buffer, Supplier<Access> accessRules) {
        this.config = config;
        this.buffer = buffer;
        this.unreleasedIds = new UnreleasedIds(buffer);
        this.accessRules = accessRules;
    }

    /** Opens the buffer, lets its first user attach, and starts the server. */
    static RunningBroker start(BrokerConfig config, Consumer<SharedBuffer> attach) {
        return start(config, attach, () -> Access.of(config.passwordFile(), config.aclFile()));
    }

    /** The same with a server that reads its rules of access, each time it is started, from elsewhere. */
    static RunningBroker start(BrokerConfig config, Consumer<SharedBuffer> attach, Supplier<Access> accessRules) {
        FrontDoorExtension.switchOn();
        SharedBuffer buffer = SharedBuffer.open(config.buffer());
        RunningBroker broker = new RunningBroker(config, buffer, accessRules);
        try {
            attach.accept(buffer);
            broker.startServer(config.listeners());
            return broker;
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    BrokerConfig config() {
        return config;
    }

    SharedBuffer buffer() {
        return buffer;
    }

    /** The listeners, with the ports they are bound to. */
    synchronized List<Listener> listeners() {
        return listeners;
    }

    /** What goes on, without waiting for a server that is being started. */
    BrokerStats stats() {
        FrontDoor open = door;
        return open == null
                ? new BrokerStats(buffer.stats(), false, 0, 0, 0, restarts)
                : new BrokerStats(
                        buffer.stats(),
                        true,
                        open.connectedClients(),
                        open.queuedBytes().held(),
                        open.refused().sum(),
                        restarts);
    }

    private synchronized void startServer(List<Listener> wanted) {
        Access access = accessRules.get();
        Optional<SslContext> tls = config.tls().map(Tls::context);
        IConfig settings = new MemoryConfig(settings(wanted));
        Server newServer = new Server();
        server = newServer;
        Sessions newSessions = new Sessions(server, config.buffer().dir().isPresent(), unreleasedIds);
        Optional<Audience> audience = config.fanout() ? Optional.of(new Audience(newServer)) : Optional.empty();
        FrontDoor newDoor = new FrontDoor(
                buffer,
                unreleasedIds,
                newSessions,
                access.authorizator(),
                audience,
                new Terms(config.maxMessageBytes(), sessionExpirySeconds()),
                config.webSocketOrigins(),
                config.queueLimits());
        List<ServerChannel> bound;
        try {
            bound = FrontDoorExtension.installDuring(
                    newDoor,
                    () -> server.startServer(
                            settings,
                            List.of(new LoopWatch(newServer)),
                            tls::orElseThrow,
                            access.authenticator(),
                            access.authorizator()));
            newSessions.begin();
            audience.ifPresent(Audience::begin);
        } catch (Exception e) {
            discard(newServer, newSessions);
            throw new BrokerException(
                    "The MQTT broker '" + config.name() + "' cannot start on " + wanted + ": " + rootMessage(e), e);
        }
        if (bound.size() != wanted.size()) {
            discard(newServer, newSessions);
            throw new BrokerException("The MQTT broker '" + config.name() + "' was not started: something in this JVM"
                    + " used Netty before it, so that messages could not be captured; set the system property"
                    + " io.netty.bootstrap.extensions=serviceload for this JVM");
        }
        EventLoops.of(newServer).forEach(newDoor::watch);
        door = newDoor;
        listeners = boundListeners(wanted, bound);
        LOG.info("The MQTT broker '{}' listens on {}", config.name(), listeners);
    }

    private static void discard(Server server, Sessions sessions) {
        sessions.close();
        EventLoops.of(server).forEach(EventLoops::end);
        server.stopServer();
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    private static List<Listener> boundListeners(List<Listener> wanted, List<ServerChannel> channels) {
        List<Listener> bound = new ArrayList<>();
        for (Transport transport : START_ORDER) {
            for (Listener listener : wanted) {
                if (listener.transport() == transport) {
                    InetSocketAddress address =
                            (InetSocketAddress) channels.get(bound.size()).localAddress();
                    bound.add(new Listener(transport, listener.host(), address.getPort()));
                }
            }
        }
        return List.copyOf(bound);
    }

    private Properties settings(List<Listener> wanted) {
        Properties settings = new Properties();
        settings.setProperty(IConfig.HOST_PROPERTY_NAME, wanted.get(0).host());
        settings.setProperty(IConfig.PORT_PROPERTY_NAME, port(wanted, Transport.TCP));
        settings.setProperty(IConfig.WEB_SOCKET_PORT_PROPERTY_NAME, port(wanted, Transport.WS));
        if (config.tls().isPresent()) {
            settings.setProperty(IConfig.SSL_PORT_PROPERTY_NAME, port(wanted, Transport.SSL));
            settings.setProperty(IConfig.WSS_PORT_PROPERTY_NAME, port(wanted, Transport.WSS));
        }
        settings.setProperty(IConfig.WEB_SOCKET_PATH_PROPERTY_NAME, BrokerConstants.WEBSOCKET_PATH);
        settings.setProperty(IConfig.ALLOW_ANONYMOUS_PROPERTY_NAME, Boolean.toString(config.allowAnonymous()));
        settings.setProperty(BrokerConstants.ALLOW_ZERO_BYTE_CLIENT_ID_PROPERTY_NAME, "true");
        settings.setProperty(IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, Integer.toString(config.maxMessageBytes()));
        settings.setProperty(
                BrokerConstants.WEB_SOCKET_MAX_FRAME_SIZE_PROPERTY_NAME,
                Integer.toString(config.maxMessageBytes() + FrontDoor.FIXED_HEADER_BYTES));
        settings.setProperty(IConfig.SESSION_QUEUE_SIZE, Integer.toString(ForwardingWindows.SESSION_QUEUE_SIZE));
        settings.setProperty(IConfig.RECEIVE_MAXIMUM, "65535");
        settings.setProperty(IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME, sessionExpirySeconds() + "s");
        settings.setProperty(IConfig.ENABLE_TELEMETRY_NAME, "false");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        config.buffer().dir().map(SessionStore::open).ifPresent(dir -> {
            settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "true");
            settings.setProperty(IConfig.PERSISTENT_QUEUE_TYPE_PROPERTY_NAME, "h2");
            settings.setProperty(IConfig.DATA_PATH_PROPERTY_NAME, dir.toString());
        });
        return settings;
    }

    private int sessionExpirySeconds() {
        return (int) Math.max(1, config.sessionExpiry().toSeconds());
    }

    private static String port(List<Listener> wanted, Transport transport) {
        return wanted.stream()
                .filter(listener -> listener.transport() == transport)
                .findFirst()
                .map(listener -> Integer.toString(listener.port()))
                .orElse(BrokerConstants.DISABLED_PORT_BIND);
    }

    /** Hears of a session loop that died. */
    private final class LoopWatch extends AbstractInterceptHandler {

        private final Server watched;

        private LoopWatch(Server watched) {
            this.watched = watched;
        }

        @Override
        public String getID() {
            return "sluice";
        }

        @Override
        public Class<?>[] getInterceptedMessageTypes() {
            return new Class<?>[] {InterceptExceptionMessage.class};
        }

        @Override
        public void onSessionLoopError(Throwable error) {
            // Not on this thread: stopping the server stops it too.
            Thread restart = new Thread(() -> restart(watched, error), "sluice-broker-restart");
            restart.setDaemon(true);
            restart.start();
        }
    }

    private synchronized void restart(Server dead, Throwable cause) {
        if (closed || restarting || server != dead) {
            // It died of being stopped, or not alone.
            return;
        }
        restarting = true;
        LOG.error(
                "A session loop of the MQTT broker '{}' died; all devices are disconnected and the broker starts again",
                config.name(),
                cause);
        restarts++;
        stopServer();
        startAgain();
        restarting = false;
    }

    /** Tries until it can: something else may hold a port for a moment. */
    private synchronized void startAgain() {
        for (long waitMs = FIRST_RETRY_MS; !closed; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
            try {
                startServer(listeners);
                if (waitMs > FIRST_RETRY_MS) {
                    LOG.warn("The MQTT broker '{}' listens again", config.name());
                }
                return;
            } catch (RuntimeException e) {
                if (waitMs == FIRST_RETRY_MS) {
                    LOG.error(
                            "The MQTT broker '{}' cannot be started again: its ports are closed, and it is tried again"
                                    + " until it can, every {} s at last",
                            config.name(),
                            TimeUnit.MILLISECONDS.toSeconds(LAST_RETRY_MS),
                            e);
                }
            }
            waitUnlessClosed(waitMs);
        }
    }

    private synchronized void waitUnlessClosed(long ms) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        try {
            for (long left = deadline - System.nanoTime(); left > 0 && !closed; left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private void stopServer() {
        FrontDoor open = door;
        if (open != null) {
            open.close();
            door = null;
            server.stopServer();
            LOG.info("The MQTT broker '{}' has closed {}", config.name(), listeners);
        }
    }

    /** Stops the server, then closes the buffer. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        notifyAll();
        stopServer();
        buffer.close();
    }
}
