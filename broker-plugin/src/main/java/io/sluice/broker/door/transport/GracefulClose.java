package io.sluice.broker.door.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** Sends a client's last packet, DISCONNECT or a CONNACK that refuses, and closes the connection. Stateless. */
public final class GracefulClose {

    private static final long LINGER_MS = 1_000;
    /** A client that has hung up in silence takes no packet, and must not keep its identifier for that. */
    private static final long MOST_MS = 5_000;

    private GracefulClose() {}

    /**
     * Sends the packet, and closes the connection behind it.
     *
     * @param sent is run when the packet was sent, or cannot be
     */
    public static void send(ChannelHandlerContext ctx, MqttMessage last, PacketQueue packets, Runnable sent) {
        ctx.writeAndFlush(last).addListener(done -> {
            sent.run();
            linger(ctx.channel(), packets);
        });
        closeIn(ctx.channel(), MOST_MS);
    }

    /**
     * Gives the client a moment to read the packet. What it sends meanwhile is read and dropped: unread data would make this
     * system reset the connection, and the client's system would then discard the packet.
     */
    private static void linger(Channel channel, PacketQueue packets) {
        if (channel instanceof DuplexChannel duplex
                && channel.pipeline().get(SslHandler.class) == null
                && channel.pipeline().get(WebSocketFrames.class) == null) {
            duplex.shutdownOutput();
            packets.drain();
            closeIn(channel, LINGER_MS);
        } else {
            channel.close();
        }
    }

    private static void closeIn(Channel channel, long ms) {
        channel.eventLoop().schedule(() -> channel.close(), ms, TimeUnit.MILLISECONDS);
    }
}
