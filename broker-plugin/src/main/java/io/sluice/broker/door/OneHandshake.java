package io.sluice.broker.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * TLS without renegotiation: a client of TLS 1.2 could ask for one handshake after the other, and each costs the broker far
 * more than the client. The JDK refuses it only for the whole process.
 */
final class OneHandshake extends SslHandler {

    /** What a record carries, in its first byte; TLS 1.3 has none of these behind its handshake. */
    private static final int HANDSHAKE = 22;

    /** @param tasks runs what takes long in a handshake */
    OneHandshake(SSLEngine engine, Executor tasks) {
        super(engine, tasks);
    }

    /** What a handshake comes to after its connection was closed is nobody's business. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (!ctx.isRemoved()) {
            super.exceptionCaught(ctx, cause);
        }
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
