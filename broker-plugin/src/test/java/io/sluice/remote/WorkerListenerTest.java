package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.sluice.remote.DrainStats.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many connections a listener for workers accepts. */
@Timeout(60)
class WorkerListenerTest {

    private static final int MOST = 4;

    private final Refusals refusals = new Refusals();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Socket> opened = new ArrayList<>();
    private Channel listener;

    /** Whoever is let in is sent a byte. */
    private static final class Greeting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        }
    }

    @BeforeEach
    void listen() throws InterruptedException {
        listener = new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> new WorkerListener(refusals, false, MOST))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Greeting());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : opened) {
            socket.close();
        }
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Connects from a loopback address that ends so. */
    private boolean isLetIn(int from) throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(),
                ((InetSocketAddress) listener.localAddress()).getPort(),
                InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) from}),
                0);
        opened.add(socket);
        try {
            return socket.getInputStream().read() == 1;
        } catch (SocketException reset) {
            return false;
        }
    }

    @Test
    void one_address_takes_half_of_the_connections_and_all_take_as_many_as_there_are() throws Exception {
        assertThat(isLetIn(1)).isTrue();
        assertThat(isLetIn(1)).isTrue();
        assertThat(isLetIn(1)).as("the first address again").isFalse();
        assertThat(isLetIn(2)).isTrue();
        assertThat(isLetIn(2)).isTrue();
        assertThat(isLetIn(3)).as("one more").isFalse();
        assertThat(refusals.counts()).containsEntry(Refusal.CONNECTIONS, 2L);
    }

    @Test
    void a_connection_that_has_ended_leaves_its_place_to_the_next() throws Exception {
        assertThat(isLetIn(1)).isTrue();
        assertThat(isLetIn(1)).isTrue();
        opened.get(0).close();
        await().until(() -> isLetIn(1));
        assertThat(isLetIn(1)).isFalse();
    }
}
