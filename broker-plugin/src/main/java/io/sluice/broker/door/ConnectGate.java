package io.sluice.broker.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.mqtt.MqttMessageType;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a new connection short of memory and time until its whole CONNECT is there, then steps out of the way.
 *
 * <p>A packet before that counts from the moment the connection was accepted, so that a handshake of TLS or of a
 * WebSocket is part of it. Bridges set the highest bit of the protocol level to say what they are; the gate takes it off,
 * since the decoder does not know it.
 */
final class ConnectGate extends ByteToMessageDecoder {

    /** The largest CONNECT, in bytes: will, user name and password included. */
    static final int MAX_CONNECT_BYTES = 128 << 10;

    private static final int BRIDGE_BIT = 0x80;
    private static final int MAX_LENGTH_BYTES = 4;

    private final Connection connection;
    private final long timeoutMs;
    private @Nullable Future<?> deadline;

    /** @param timeoutMs how long the whole CONNECT may take, in milliseconds */
    ConnectGate(Connection connection, long timeoutMs) {
        this.connection = connection;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor()
                .schedule(
                        () -> connection.turnAway("no CONNECT within " + timeoutMs + " ms"),
                        timeoutMs,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int type = in.getUnsignedByte(in.readerIndex()) >> 4;
        if (type != MqttMessageType.CONNECT.value()) {
            // [MQTT-3.1.0-1]
            reject(in, "its first packet is no CONNECT");
            return;
        }
        int length = 0;
        int at = in.readerIndex() + 1;
        for (int i = 0; ; i++) {
            if (i == MAX_LENGTH_BYTES) {
                reject(in, "the length of its CONNECT takes more than four bytes [MQTT-1.5.5-1]");
                return;
            }
            if (at == in.writerIndex()) {
                return;
            }
            int digit = in.getUnsignedByte(at++);
            length |= (digit & 0x7F) << (7 * i);
            if (digit < 0x80) {
                break;
            }
        }
        if (length > MAX_CONNECT_BYTES) {
            reject(in, "its CONNECT has " + length + " bytes, more than " + MAX_CONNECT_BYTES);
        } else if (in.writerIndex() - at >= length) {
            clearBridgeBit(in, at, length);
            out.add(in.readRetainedSlice(in.readableBytes()));
            ctx.pipeline().remove(this);
        }
    }

    private void clearBridgeBit(ByteBuf in, int start, int length) {
        int level = length < 2 ? length : 2 + in.getUnsignedShort(start);
        if (level < length) {
            int value = in.getUnsignedByte(start + level);
            if ((value & BRIDGE_BIT) != 0) {
                in.setByte(start + level, value & ~BRIDGE_BIT);
                connection.isBridge();
            }
        }
    }

    private void reject(ByteBuf in, String why) {
        in.skipBytes(in.readableBytes());
        connection.turnAway(why);
    }
}
