package io.sluice.broker;

import io.moquette.broker.Server;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalServerChannel;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.BufferException;
import io.sluice.buffer.SharedBuffer;
import io.sluice.drain.DrainConfig;
import io.sluice.drain.DrainServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door in a Moquette server that somebody else starts. Used on the thread that starts it, before its listeners
 * are open. One server a process, once: what is opened here stays open until the process ends.
 */
public final class ForeignServer {

    private static final Logger LOG = LoggerFactory.getLogger(ForeignServer.class);

    private static final ThreadLocal<ForeignServer> ANNOUNCED = new ThreadLocal<>();

    private final Server server;

    private ForeignServer(Server server) {
        this.server = server;
    }

    /**
     * Says that this thread starts a server to capture from. Unless {@link #capture} follows, its listeners do not open.
     *
     * @throws BrokerException if the front door cannot get into this process's listeners
     */
    public static void announce(Server server) {
        FrontDoorExtension.switchOn();
        if (!isExtensionCalled()) {
            throw new BrokerException(
                    "Something in this JVM used Netty before the server, so that messages could not be"
                            + " captured; set the system property io.netty.bootstrap.extensions=serviceload for this JVM");
        }
        ANNOUNCED.set(new ForeignServer(server));
        FrontDoorExtension.forListeners(closedOnError(listener -> {
            throw new BrokerException("nothing has said where to keep the messages of this server");
        }));
    }

    /** Whether Netty asks us about listeners, found out with one that is only for this JVM. */
    private static boolean isExtensionCalled() {
        AtomicBoolean called = new AtomicBoolean();
        FrontDoorExtension.forListeners(listener -> called.set(true));
        EventLoopGroup group = new DefaultEventLoopGroup(1);
        new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.close();
                    }
                })
                .bind(LocalAddress.ANY)
                .awaitUninterruptibly();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        return called.get();
    }

    /** The server that this thread has announced. */
    public static Optional<ForeignServer> announced() {
        return Optional.ofNullable(ANNOUNCED.get());
    }

    /**
     * Opens the buffer, and puts the front door in front of the listeners that this thread opens from now on.
     *
     * @param settings the server's, some of which the front door depends on and sets
     * @param aclFile who may read and write which topics, in Moquette's format
     * @param fanout whether publishes are routed to MQTT subscribers
     * @param drain how the buffer is served to workers on other machines, if it is
     * @return what the server must use as its own
     * @throws BrokerException if the ACL file cannot be used
     * @throws BufferException if the buffer cannot be opened, or not be served
     */
    public IAuthorizatorPolicy capture(
            IConfig settings,
            BufferConfig bufferConfig,
            Optional<Path> aclFile,
            boolean fanout,
            Optional<DrainConfig> drain) {
        IAuthorizatorPolicy rules = Access.of(Optional.empty(), aclFile).authorizator();
        SharedBuffer buffer = SharedBuffer.open(bufferConfig);
        UnreleasedIds unreleasedIds = new UnreleasedIds(buffer);
        Sessions sessions = new Sessions(server, bufferConfig.dir().isPresent(), unreleasedIds);
        Optional<Audience> audience = fanout ? Optional.of(new Audience(server)) : Optional.empty();
        FrontDoor door = new FrontDoor(
                buffer,
                unreleasedIds,
                sessions,
                rules,
                audience,
                new Terms(
                        settings.intProp(
                                IConfig.NETTY_MAX_BYTES_PROPERTY_NAME, IConfig.DEFAULT_NETTY_MAX_BYTES_IN_MESSAGE),
                        sessionExpirySeconds(settings)),
                List.of(),
                QueueLimits.defaults());
        Optional<DrainServer> drainServer = drain.map(config -> DrainServer.start(buffer, config));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            drainServer.ifPresent(DrainServer::close);
                            door.close();
                            buffer.close();
                        },
                        "sluice-broker-end"));
        settings.setProperty(IConfig.SESSION_QUEUE_SIZE, Integer.toString(ForwardingWindows.SESSION_QUEUE_SIZE));
        settings.setProperty(IConfig.RECEIVE_MAXIMUM, "65535");
        settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "false");
        bufferConfig.dir().map(SessionStore::open).ifPresent(dir -> {
            settings.setProperty(IConfig.PERSISTENCE_ENABLED_PROPERTY_NAME, "true");
            settings.setProperty(IConfig.PERSISTENT_QUEUE_TYPE_PROPERTY_NAME, "h2");
            settings.setProperty(IConfig.DATA_PATH_PROPERTY_NAME, dir.toString());
        });
        AtomicBoolean begun = new AtomicBoolean();
        FrontDoorExtension.forListeners(closedOnError(listener -> {
            // The server has its sessions by now.
            if (begun.compareAndSet(false, true)) {
                sessions.begin();
                audience.ifPresent(Audience::begin);
            }
            FrontDoorExtension.standInFront(door, listener);
        }));
        return rules;
    }

    private static int sessionExpirySeconds(IConfig settings) {
        return settings.getProperty(IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME) == null
                ? Integer.MAX_VALUE
                : (int) settings.durationProp(IConfig.PERSISTENT_CLIENT_EXPIRATION_PROPERTY_NAME)
                        .toSeconds();
    }

    /** Netty opens listeners in spite of exceptions; closing them makes the server's start fail. */
    private static Consumer<ServerChannel> closedOnError(Consumer<ServerChannel> action) {
        return listener -> {
            try {
                action.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("A listener of the server is not opened: {}", e.getMessage());
                listener.unsafe().closeForcibly();
            }
        };
    }
}
