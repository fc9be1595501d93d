package io.sluice.broker.door.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * TLS without renegotiation: a client of TLS 1.2 could ask for one handshake after the other, and each costs the broker far
 * more than the client. The JDK refuses it only for the whole process.
 */
final class OneHandshake extends SslHandler {

    /** What a record carries, in its first byte; TLS 1.3 has none of these after its handshake. */
    private static final int HANDSHAKE = 22;

    OneHandshake(SSLEngine engine) {
        super(engine);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws SSLException {
        if (handshakeFuture().isSuccess() && in.isReadable() && in.getByte(in.readerIndex()) == HANDSHAKE) {
            in.skipBytes(in.readableBytes());
            throw new SSLException("it would negotiate TLS again");
        }
        super.decode(ctx, in, out);
    }
}
