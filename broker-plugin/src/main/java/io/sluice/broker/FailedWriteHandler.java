package io.sluice.broker;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Closes a connection to which a packet cannot be written. It takes the place of Moquette's logger of packets, which does
 * that too, and logs a line for every acknowledgement at the level at which workers log. Stateless.
 */
@Sharable
final class FailedWriteHandler extends ChannelOutboundHandlerAdapter {

    static final FailedWriteHandler INSTANCE = new FailedWriteHandler();

    private FailedWriteHandler() {}

    @Override
    public void write(ChannelHandlerContext ctx, Object written, ChannelPromise promise) {
        ctx.write(written, promise).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
}
