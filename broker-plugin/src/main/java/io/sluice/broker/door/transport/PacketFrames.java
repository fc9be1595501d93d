package io.sluice.broker.door.transport;

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
 * Splits what arrives into whole packets, and limits the memory and the time of a new connection until its CONNECT has
 * arrived.
 *
 * <p>The next handler, the decoder, does not look at where a packet ends: a field that is longer than its packet would
 * wait for bytes of the next one. So it is given one packet at a time, and a packet of which it makes no message is
 * malformed. The time until CONNECT counts from the moment the connection was accepted, so that a handshake of TLS or
 * of a WebSocket is part of it. Bridges set the highest bit of the protocol level to say what they are; it is cleared,
 * since the decoder does not know it.
 */
final class PacketFrames extends ByteToMessageDecoder {

    /** The largest CONNECT, in bytes: will, user name and password included. */
    static final int MAX_CONNECT_BYTES = 128 << 10;

    private static final int MQTT = 0x4D515454;
    private static final int MQTT_5 = 5;
    private static final int BRIDGE_BIT = 0x80;
    private static final int MAX_LENGTH_BYTES = 4;

    /**
     * Makes room by dropping what has been read before it takes more memory. Netty drops it at the end of a read, when the
     * packets that were read still refer to it; a client that is always amid a packet would so be given ever more.
     */
    private static final Cumulator WITHOUT_WHAT_WAS_READ = (allocator, kept, more) -> {
        if (kept.refCnt() == 1 && more.readableBytes() > kept.maxFastWritableBytes()) {
            kept.discardReadBytes();
        }
        return MERGE_CUMULATOR.cumulate(allocator, kept, more);
    };

    private final PacketReceiver receiver;
    private final int maxPacketBytes;
    private final long connectTimeoutMs;
    private boolean hasConnect;
    private boolean speaksMqtt5;
    private boolean hasSaidGoodbye;
    private boolean hasEnded;
    private long handed;
    private @Nullable Future<?> deadline;

    PacketFrames(PacketReceiver receiver, int maxPacketBytes, long connectTimeoutMs) {
        this.receiver = receiver;
        this.maxPacketBytes = maxPacketBytes;
        this.connectTimeoutMs = connectTimeoutMs;
        setCumulator(WITHOUT_WHAT_WAS_READ);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = EventLoopCall.after(
                connectTimeoutMs,
                TimeUnit.MILLISECONDS,
                ctx.channel(),
                () -> receiver.turnAway("no CONNECT within " + connectTimeoutMs + " ms"));
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        deadline = EventLoopCall.cancel(deadline);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (hasEnded || hasSwallowed() || hasSaidGoodbye) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int start = in.readerIndex();
        int firstByte = in.getUnsignedByte(start);
        if (!hasConnect && firstByte >> 4 != MqttMessageType.CONNECT.value()) {
            // [MQTT-3.1.0-1]
            end(() -> receiver.turnAway("its first packet is not a CONNECT"));
            return;
        }
        Reason reason = hasConnect ? FrameCheck.checkFirst(firstByte, receiver.mayAuthenticate()) : Reason.SUCCESS;
        if (reason != Reason.SUCCESS) {
            end(() -> receiver.seal(reason));
            return;
        }
        int length = 0;
        int at = start + 1;
        for (int i = 0; ; i++) {
            if (i == MAX_LENGTH_BYTES) {
                // [MQTT-1.5.5-1]
                end(() -> receiver.seal(Reason.MALFORMED_PACKET));
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
        int most = hasConnect ? maxPacketBytes : MAX_CONNECT_BYTES;
        if (length > most) {
            end(() -> receiver.seal(Reason.PACKET_TOO_LARGE));
        } else if (in.writerIndex() - at >= length) {
            if (takes(in, firstByte, at, length)) {
                handed++;
                // Section 3.14.4: what follows it is not looked at.
                hasSaidGoodbye = firstByte >> 4 == MqttMessageType.DISCONNECT.value();
                out.add(in.readRetainedSlice(at - start + length));
            }
        } else {
            receiver.holdsPart(in.writerIndex() - start);
        }
    }

    /** Whether a whole packet is to be decoded. */
    private boolean takes(ByteBuf in, int firstByte, int start, int length) {
        if (hasConnect) {
            Reason reason = FrameCheck.check(firstByte, in, start, length, speaksMqtt5);
            if (reason != Reason.SUCCESS) {
                end(() -> receiver.seal(reason));
            }
            return !hasEnded;
        }
        hasConnect = true;
        deadline = EventLoopCall.cancel(deadline);
        boolean isBridge = readLevel(in, start, length);
        // A CONNECT that is refused is decoded too, for its client's name and an answer in its version.
        receiver.expect(speaksMqtt5, isBridge, FrameCheck.check(firstByte, in, start, length, speaksMqtt5));
        return true;
    }

    /** Reads the protocol version in CONNECT, and clears the bridge's bit; returns whether it was set. */
    private boolean readLevel(ByteBuf in, int start, int length) {
        int level = length < 2 ? length : 2 + in.getUnsignedShort(start);
        if (level >= length) {
            return false;
        }
        int value = in.getUnsignedByte(start + level);
        boolean isBridge = (value & BRIDGE_BIT) != 0;
        if (isBridge) {
            in.setByte(start + level, value & ~BRIDGE_BIT);
        }
        speaksMqtt5 = (value & ~BRIDGE_BIT) == MQTT_5 && level == 2 + Integer.BYTES && in.getInt(start + 2) == MQTT;
        return isBridge;
    }

    /** Whether the decoder has made no message of a packet that it was given. */
    private boolean hasSwallowed() {
        if (receiver.received() < handed) {
            end(() -> receiver.seal(Reason.MALFORMED_PACKET));
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

    private void end(Runnable say) {
        hasEnded = true;
        say.run();
    }
}
