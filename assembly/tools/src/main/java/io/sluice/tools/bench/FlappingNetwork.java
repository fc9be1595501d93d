package io.sluice.tools.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sluice.tools.mqtt.BrokerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** A network between devices and their broker, of which every link breaks in the middle of what a device sends. */
final class FlappingNetwork implements AutoCloseable {

    /** How long a link holds; what its device sends next breaks in the middle. */
    private static final Duration SHORTEST = Duration.ofMillis(500);

    private static final Duration LONGEST = Duration.ofSeconds(3);

    private final EventLoopGroup thread = new NioEventLoopGroup(1, new DefaultThreadFactory("bench-network", true));
    private final BrokerAddress broker;
    private final Channel listener;
    private volatile boolean flapping;

    FlappingNetwork(BrokerAddress broker) {
        this.broker = broker;
        this.listener = new ServerBootstrap()
                .group(thread)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel device) {
                        link(device);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** The broker's name, which a certificate has, where devices are to connect. */
    InetSocketAddress way() {
        InetSocketAddress here = (InetSocketAddress) listener.localAddress();
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(broker.host(), here.getAddress().getAddress()), here.getPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("a loopback address is one", e);
        }
    }

    void flap() {
        flapping = true;
    }

    private void link(Channel device) {
        ChannelFuture connecting = new Bootstrap()
                .group(device.eventLoop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new Pipe(device, () -> false))
                .connect(broker.host(), broker.port());
        device.pipeline().addLast(new Pipe(connecting.channel(), () -> flapping));
        connecting.addListener(connected -> {
            if (connected.isSuccess()) {
                device.read();
            } else {
                device.close();
            }
        });
    }

    /** One direction of a link. */
    private static final class Pipe extends ChannelInboundHandlerAdapter {

        private final Channel to;
        private final BooleanSupplier flaps;
        private final long endNanos =
                System.nanoTime() + ThreadLocalRandom.current().nextLong(SHORTEST.toNanos(), LONGEST.toNanos());

        /** @param flaps whether it is what breaks */
        Pipe(Channel to, BooleanSupplier flaps) {
            this.to = to;
            this.flaps = flaps;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (to.isActive()) {
                context.read();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            boolean breaks = flaps.getAsBoolean() && System.nanoTime() - endNanos >= 0;
            if (breaks) {
                bytes.writerIndex(bytes.readerIndex() + bytes.readableBytes() / 2);
            }
            to.writeAndFlush(bytes).addListener(written -> {
                if (written.isSuccess() && !breaks) {
                    context.read();
                } else {
                    context.close();
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            to.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        thread.shutdownGracefully();
    }
}
