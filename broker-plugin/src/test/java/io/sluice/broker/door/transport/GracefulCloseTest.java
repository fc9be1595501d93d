package io.sluice.broker.door.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GracefulCloseTest {

    /** A network that takes nothing, and says nothing of it. */
    private static final class HungUp extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    @Test
    void a_connection_whose_client_takes_nothing_more_is_closed_all_the_same() {
        EmbeddedChannel channel = new EmbeddedChannel(new HungUp(), new ChannelInboundHandlerAdapter());
        channel.freezeTime();
        PacketQueue packets = new PacketQueue(channel, new QueuedBytes(new QueueLimits(16 << 20, 1 << 20)));

        GracefulClose.send(
                channel.pipeline().lastContext(), Packets.disconnect(Reason.SESSION_TAKEN_OVER), packets, () -> {});
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();

        channel.advanceTimeBy(5, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }
}
