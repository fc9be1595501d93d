package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.sluice.remote.DrainStats.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many connections a listener for workers accepts. */
@Timeout(60)
class WorkerListenerTest {

    private static final int MOST = 4;

    /** The first number of the addresses that nobody is let in from. */
    private static final int STRANGER = 100;

    private final Refusals refusals = new Refusals();
    private final WorkerPlaces places = new WorkerPlaces(refusals, MOST);
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Socket> opened = new ArrayList<>();
    private Channel listener;

    /**
     * Whoever has a place is sent a byte, and keeps it unless it is a stranger. Like gRPC's handler, this one does not close
     * the connection before the other end has answered.
     */
    private final class Greeting extends ChannelDuplexHandler {
        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {}

        @Override
        public void channelActive(ChannelHandlerContext context) {
            InetSocketAddress from = (InetSocketAddress) context.channel().remoteAddress();
            if (from.getAddress().getAddress()[3] < STRANGER) {
                places.letIn(from, Optional.empty());
            }
            context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        }
    }

    @BeforeEach
    void listen() throws InterruptedException {
        listener = new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> new WorkerListener(places, refusals, false))
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

    /** Connects from a loopback address that ends so; returns whether there is a place. */
    private boolean enters(int from) throws IOException {
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
        assertThat(enters(1)).isTrue();
        assertThat(enters(1)).isTrue();
        assertThat(enters(1)).as("the first address again").isFalse();
        assertThat(enters(2)).isTrue();
        assertThat(enters(2)).isTrue();
        assertThat(enters(3)).as("one more").isFalse();
        assertThat(refusals.counts()).containsEntry(Refusal.CONNECTIONS, 2L);
    }

    @Test
    void where_no_place_is_left_the_oldest_stranger_of_the_address_with_most_of_them_gives_its_place()
            throws Exception {
        assertThat(enters(STRANGER + 1)).isTrue();
        assertThat(enters(STRANGER)).isTrue();
        assertThat(enters(STRANGER)).isTrue();
        assertThat(enters(1)).isTrue();

        assertThat(enters(2)).as("a worker").isTrue();

        assertThat(hasEnded()).containsExactly(false, true, false, false, false);
        assertThat(enters(1)).as("another worker").isTrue();
        assertThat(enters(2)).as("one more").isTrue();
        assertThat(hasEnded()).containsExactly(true, true, true, false, false, false, false);
        assertThat(enters(3)).as("when nobody is a stranger").isFalse();
        assertThat(refusals.counts()).containsEntry(Refusal.CONNECTIONS, 4L);
    }

    @Test
    void strangers_of_one_address_give_their_places_to_each_other() throws Exception {
        assertThat(enters(1)).isTrue();
        assertThat(enters(STRANGER)).isTrue();
        assertThat(enters(STRANGER)).isTrue();
        assertThat(enters(STRANGER)).isTrue();
        assertThat(hasEnded()).containsExactly(false, true, false, false);
        assertThat(enters(1)).isTrue();
        assertThat(hasEnded()).containsExactly(false, true, false, false, false);
    }

    /** Of each connection, whether the listener has closed it. */
    private List<Boolean> hasEnded() throws IOException {
        List<Boolean> ended = new ArrayList<>();
        for (Socket socket : opened) {
            socket.setSoTimeout(200);
            try {
                ended.add(socket.getInputStream().read() < 0);
            } catch (SocketTimeoutException open) {
                ended.add(false);
            } catch (SocketException reset) {
                ended.add(true);
            }
        }
        return ended;
    }

    @Test
    void a_connection_that_has_ended_leaves_its_place_to_the_next() throws Exception {
        assertThat(enters(1)).isTrue();
        assertThat(enters(1)).isTrue();
        opened.get(0).close();
        await().until(() -> enters(1));
        assertThat(enters(1)).isFalse();
    }
}
