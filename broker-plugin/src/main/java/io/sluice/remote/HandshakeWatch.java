package io.sluice.remote;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.sluice.remote.DrainStats.Refusal;

/**
 * Sees, in front of everything else on a connection, whom TLS does not let in: gRPC says nothing of it. A connection that
 * brings not a byte only wanted to know whether somebody listens.
 */
final class HandshakeWatch extends ChannelInboundHandlerAdapter {

    /** A TLS record that holds a handshake (RFC 8446, 5.1). */
    private static final int HANDSHAKE = 22;

    private final Refusals refusals;
    private boolean begun;
    private boolean plainText;

    HandshakeWatch(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!begun && message instanceof ByteBuf bytes && bytes.isReadable()) {
            begun = true;
            plainText = bytes.getByte(bytes.readerIndex()) != HANDSHAKE;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        String who = Refusals.worker(context.channel().remoteAddress());
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (plainText) {
            refusals.refused(Refusal.PLAIN_TEXT, who, "it speaks plain text, and not TLS");
        } else if (begun && tls != null && tls.handshakeFuture().cause() != null) {
            refusals.refused(
                    Refusal.TLS,
                    who,
                    "TLS failed: " + tls.handshakeFuture().cause().getMessage());
        }
        context.fireChannelInactive();
    }
}
