package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** The last packet to a client, and the end of its connection. Stateless. */
final class Farewell {

    private static final long LINGER_MS = 1_000;

    private Farewell() {}

    /**
     * Sends a last packet and closes the connection.
     *
     * @param sent is run when it has left, or cannot
     */
    static void say(ChannelHandlerContext ctx, MqttMessage last, PacketQueue packets, Runnable sent) {
        ctx.writeAndFlush(last).addListener(done -> {
            sent.run();
            linger(ctx.channel(), packets);
        });
    }

    /**
     * Leaves the client a moment to hear why. What it sends meanwhile is read and dropped: unread, it would make the system
     * reset the connection, and the client's system then forgets what it was told.
     */
    private static void linger(Channel channel, PacketQueue packets) {
        if (channel instanceof DuplexChannel duplex
                && channel.pipeline().get(SslHandler.class) == null
                && channel.pipeline().get(WebSocketFrames.class) == null) {
            duplex.shutdownOutput();
            packets.drain();
            channel.eventLoop().schedule(() -> channel.close(), LINGER_MS, TimeUnit.MILLISECONDS);
        } else {
            channel.close();
        }
    }
}
