package io.sluice.broker.door;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.sluice.broker.packet.Reason;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what arrives into whole packets, and keeps a new connection short of memory and time until its CONNECT is there.
 *
 * <p>The decoder behind it does not look at where a packet ends: a field that is longer than its packet would wait for
 * bytes of the next. Here it is given one packet at a time, and a packet that makes no message is malformed. The time
 * until CONNECT counts from the moment the connection was accepted, so that a handshake of TLS or of a WebSocket is part
 * of it. Bridges set the highest bit of the protocol level to say what they are; it is taken off, since the decoder does
 * not know it.
 */
final class PacketFrames extends ByteToMessageDecoder {

    /** The largest CONNECT, in bytes: will, user name and password included. */
    static final int MAX_CONNECT_BYTES = 128 << 10;

    private static final int PUBLISH = 3;
    private static final int PUBREL = 6;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;

    private static final int BRIDGE_BIT = 0x80;
    private static final int WILL_FLAG = 0x04;
    private static final int OF_A_WILL = 0x38;
    private static final int MAX_LENGTH_BYTES = 4;

    private final Connection connection;
    private final Terms terms;
    private boolean hasConnect;
    private boolean hasEnded;
    private long handed;
    private @Nullable Future<?> deadline;

    PacketFrames(Connection connection, Terms terms) {
        this.connection = connection;
        this.terms = terms;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor()
                .schedule(
                        () -> connection.turnAway("no CONNECT within " + terms.connectTimeoutMs() + " ms"),
                        terms.connectTimeoutMs(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        stopTheClock();
    }

    private void stopTheClock() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (hasEnded || hasSwallowed()) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int start = in.readerIndex();
        int type = in.getUnsignedByte(start) >> 4;
        if (!hasConnect && type != MqttMessageType.CONNECT.value()) {
            // [MQTT-3.1.0-1]
            end(() -> connection.turnAway("its first packet is no CONNECT"));
            return;
        }
        if (!hasOrderlyFlags(type, in.getUnsignedByte(start) & 0x0F)) {
            // [MQTT-2.1.3-1]
            end(() -> connection.seal(Reason.MALFORMED_PACKET));
            return;
        }
        int length = 0;
        int at = start + 1;
        for (int i = 0; ; i++) {
            if (i == MAX_LENGTH_BYTES) {
                // [MQTT-1.5.5-1]
                end(() -> connection.seal(Reason.MALFORMED_PACKET));
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
        int most = hasConnect ? terms.maxPacketBytes() : MAX_CONNECT_BYTES;
        if (length > most) {
            end(() -> connection.seal(Reason.PACKET_TOO_LARGE));
        } else if (in.writerIndex() - at >= length) {
            if (!hasConnect) {
                hasConnect = true;
                stopTheClock();
                if (!isOrderlyConnect(in, at, length)) {
                    end(() -> connection.seal(Reason.MALFORMED_PACKET));
                    return;
                }
            }
            handed++;
            out.add(in.readRetainedSlice(at - start + length));
        }
    }

    /** Section 2.1.3: only PUBLISH uses them. */
    private static boolean hasOrderlyFlags(int type, int flags) {
        return switch (type) {
            case PUBLISH -> true;
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 0x02;
            default -> flags == 0;
        };
    }

    /** Whether the decoder has made no message of a packet that it was given. */
    private boolean hasSwallowed() {
        if (connection.received() < handed) {
            end(() -> connection.seal(Reason.MALFORMED_PACKET));
        }
        return hasEnded;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (!hasEnded) {
            hasSwallowed();
        }
        super.channelReadComplete(ctx);
    }

    /** Takes the bridge's bit off; whether the flags of the will are right (section 3.1.2.6, 3.1.2.7). */
    private boolean isOrderlyConnect(ByteBuf in, int start, int length) {
        int level = length < 2 ? length : 2 + in.getUnsignedShort(start);
        if (level + 1 >= length) {
            return false;
        }
        int value = in.getUnsignedByte(start + level);
        if ((value & BRIDGE_BIT) != 0) {
            in.setByte(start + level, value & ~BRIDGE_BIT);
            connection.isBridge();
        }
        int flags = in.getUnsignedByte(start + level + 1);
        return (flags & WILL_FLAG) != 0 || (flags & OF_A_WILL) == 0;
    }

    private void end(Runnable say) {
        hasEnded = true;
        say.run();
    }
}
