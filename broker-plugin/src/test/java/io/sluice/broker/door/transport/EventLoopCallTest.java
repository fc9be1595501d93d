package io.sluice.broker.door.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventLoopCallTest {

    private final List<Throwable> caught = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter() {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            caught.add(cause);
        }
    });
    private final RuntimeException fault = new IllegalStateException("a fault");

    private void fail() {
        throw fault;
    }

    @Test
    void what_a_callback_throws_reaches_its_connection() {
        EventLoopCall.on(channel, this::fail);
        channel.runPendingTasks();
        assertThat(caught).containsExactly(fault);
    }

    @Test
    void what_is_thrown_later_reaches_the_connection_too() {
        channel.freezeTime();
        EventLoopCall.after(1, TimeUnit.SECONDS, channel, this::fail);
        channel.runScheduledPendingTasks();
        assertThat(caught).isEmpty();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(caught).containsExactly(fault);
    }
}
