package io.sluice.broker.door;

import io.moquette.broker.metrics.MQTTMessageLogger;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.door.transport.PacketPipeline;
import io.sluice.broker.door.transport.Tls;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Lets new connections in, as many as there may be, and gives each its handlers. Stateless. */
final class ConnectionInitializer extends ChannelInitializer<Channel> {

    private final DoorParts door;
    private final PacketPipeline packets;

    ConnectionInitializer(DoorParts door, Transport transport, Optional<Tls> tls) {
        this.door = door;
        this.packets = new PacketPipeline(
                transport,
                tls,
                door.proxyProtocol,
                door.origins,
                door.clientLimits.maxPacketBytes(),
                door.clientLimits.connectTimeoutMs());
    }

    @Override
    protected void initChannel(Channel channel) {
        if (!door.connections.enter()) {
            door.counts.turnedAway.increment();
            door.log.say(
                    Kind.TURNED_AWAY,
                    "Closing a connection from {}: the limit of connections is reached",
                    channel.remoteAddress());
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> door.connections.leave());
        Connection connection = new Connection(door, channel, packets.transport());
        packets.addTo(channel, connection);
        if (LoggerFactory.getLogger(MQTTMessageLogger.class).isDebugEnabled()) {
            channel.pipeline().addLast(new MQTTMessageLogger());
        }
        channel.pipeline().addLast(connection);
        if (!door.proxyProtocol) {
            connection.comesFrom(channel.remoteAddress());
        }
    }
}
