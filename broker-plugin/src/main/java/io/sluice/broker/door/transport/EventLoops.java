package io.sluice.broker.door.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The threads of the network: one that accepts, and some that serve connections. They use epoll if Netty's native
 * library is there, else the JDK. Thread-safe.
 */
public record EventLoops(Class<? extends ServerChannel> channelType, EventLoopGroup accepting, EventLoopGroup serving)
        implements AutoCloseable {

    private static final long QUIET_MS = 200;
    private static final long END_MS = 2_000;

    /** Starts as many as the machine has use for. */
    public static EventLoops start() {
        ThreadFactory acceptors = new DefaultThreadFactory("sluice-broker-accept", true);
        ThreadFactory servers = new DefaultThreadFactory("sluice-broker-io", true);
        return Epoll.isAvailable()
                ? start(
                        EpollServerSocketChannel.class,
                        new EpollEventLoopGroup(1, acceptors),
                        () -> new EpollEventLoopGroup(servers))
                : start(
                        NioServerSocketChannel.class,
                        new NioEventLoopGroup(1, acceptors),
                        () -> new NioEventLoopGroup(servers));
    }

    private static EventLoops start(
            Class<? extends ServerChannel> channelType, EventLoopGroup accepting, Supplier<EventLoopGroup> serving) {
        try {
            return new EventLoops(channelType, accepting, serving.get());
        } catch (RuntimeException | Error e) {
            // Each loop has descriptors, and there may be too few of them.
            accepting.shutdownGracefully(0, END_MS, TimeUnit.MILLISECONDS);
            throw e;
        }
    }

    /** Closes all connections, and waits until they are. */
    @Override
    public void close() {
        Future<?> accepted = accepting.shutdownGracefully(0, END_MS, TimeUnit.MILLISECONDS);
        Future<?> served = serving.shutdownGracefully(QUIET_MS, END_MS, TimeUnit.MILLISECONDS);
        accepted.awaitUninterruptibly();
        served.awaitUninterruptibly();
    }
}
