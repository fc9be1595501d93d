package io.sluice.broker.door;

import io.moquette.broker.metrics.MQTTMessageLogger;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.sluice.broker.door.LimitedLog.Kind;
import io.sluice.broker.door.Listener.Transport;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Puts the handlers of a new connection together. Stateless. */
final class ConnectionInitializer extends ChannelInitializer<Channel> {

    /** Sub-protocols of all versions ([MQTT-6.0.0-3]). */
    private static final String SUBPROTOCOLS = "mqtt, mqttv3.1, mqttv3.1.1";

    private static final int MAX_HTTP_BODY_BYTES = 8 << 10;

    /** MQTT 3.1 allows 23 characters and most servers more; the packet's size is the limit here. */
    private static final int MAX_CLIENT_ID_CHARACTERS = 65_535;

    private final FrontDoor door;
    private final Transport transport;
    private final Optional<Tls> tls;

    ConnectionInitializer(FrontDoor door, Transport transport, Optional<Tls> tls) {
        this.door = door;
        this.transport = transport;
        this.tls = tls;
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
        Connection connection = new Connection(door, channel, transport);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(ReadPause.INSTANCE);
        if (door.proxyProtocol) {
            pipeline.addLast(new HAProxyMessageDecoder(), new ProxyAddress(connection));
        }
        tls.ifPresent(spoken -> pipeline.addLast(spoken.handler(channel.alloc())));
        if (transport == Transport.WS || transport == Transport.WSS) {
            addWebSocket(pipeline, connection);
        }
        pipeline.addLast(
                new PacketFrames(connection, door.clientLimits),
                new MqttDecoder(door.clientLimits.maxPacketBytes(), MAX_CLIENT_ID_CHARACTERS),
                MqttEncoder.INSTANCE);
        if (LoggerFactory.getLogger(MQTTMessageLogger.class).isDebugEnabled()) {
            pipeline.addLast(new MQTTMessageLogger());
        }
        pipeline.addLast(connection);
        if (!door.proxyProtocol) {
            connection.comesFrom(channel.remoteAddress());
        }
    }

    private void addWebSocket(ChannelPipeline pipeline, Connection connection) {
        pipeline.addLast(
                new HttpServerCodec(),
                new HttpObjectAggregator(MAX_HTTP_BODY_BYTES, true),
                new WebSocketUpgrade(connection, door.origins, transport.isEncrypted()),
                new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath(WebSocketUpgrade.PATH)
                        .subprotocols(SUBPROTOCOLS)
                        .handshakeTimeoutMillis(door.clientLimits.connectTimeoutMs())
                        .decoderConfig(WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(
                                        door.clientLimits.maxPacketBytes() + ClientLimits.FIXED_HEADER_BYTES)
                                .allowExtensions(false)
                                .build())
                        .build()),
                new WebSocketFrames());
    }
}
