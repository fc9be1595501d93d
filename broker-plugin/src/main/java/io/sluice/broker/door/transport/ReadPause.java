package io.sluice.broker.door.transport;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Reads nothing from a connection that {@link PacketQueue} has paused. Netty's decoders ask for more amid a packet, and after
 * each ping of a WebSocket, whether or not the connection is paused. Stands before them. Stateless.
 */
@ChannelHandler.Sharable
final class ReadPause extends ChannelOutboundHandlerAdapter {

    static final ReadPause INSTANCE = new ReadPause();

    private ReadPause() {}

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }
}
