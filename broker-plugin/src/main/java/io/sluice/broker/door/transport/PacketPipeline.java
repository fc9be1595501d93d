package io.sluice.broker.door.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.sluice.broker.door.transport.Listener.Transport;
import java.util.List;
import java.util.Optional;

/**
 * The handlers of a listener's connections, from the bytes of the network to MQTT packets and back. Immutable.
 *
 * @param tls if the listener speaks it
 * @param proxyProtocol whether a connection begins with a header of the PROXY protocol
 * @param origins whose web pages may open WebSockets; pages from the broker's host always may
 * @param maxPacketBytes the largest packet, without its fixed header
 * @param connectTimeoutMs how long a connection may take to send its whole CONNECT, in milliseconds
 */
public record PacketPipeline(
        Transport transport,
        Optional<Tls> tls,
        boolean proxyProtocol,
        List<WebSocketOrigin> origins,
        int maxPacketBytes,
        long connectTimeoutMs) {

    /** Sub-protocols of all versions ([MQTT-6.0.0-3]). */
    private static final String SUBPROTOCOLS = "mqtt, mqttv3.1, mqttv3.1.1";

    private static final int MAX_HTTP_BODY_BYTES = 8 << 10;

    /** MQTT 3.1 allows 23 characters and most servers more; the packet's size is the limit here. */
    private static final int MAX_CLIENT_ID_CHARACTERS = 65_535;

    /** The most bytes that the fixed header of a packet takes (section 2.1). */
    private static final int FIXED_HEADER_BYTES = 5;

    /** Adds them to a new connection, whose next handler takes the packets. */
    public void addTo(Channel channel, PacketReceiver receiver) {
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(ReadPause.INSTANCE);
        if (proxyProtocol) {
            pipeline.addLast(new HAProxyMessageDecoder(), new ProxyAddress(receiver));
        }
        tls.ifPresent(spoken -> pipeline.addLast(spoken.handler(channel.alloc())));
        if (transport == Transport.WS || transport == Transport.WSS) {
            addWebSocket(pipeline, receiver);
        }
        pipeline.addLast(
                new PacketFrames(receiver, maxPacketBytes, connectTimeoutMs),
                new MqttDecoder(maxPacketBytes, MAX_CLIENT_ID_CHARACTERS),
                MqttEncoder.INSTANCE);
    }

    private void addWebSocket(ChannelPipeline pipeline, PacketReceiver receiver) {
        pipeline.addLast(
                new HttpServerCodec(),
                new HttpObjectAggregator(MAX_HTTP_BODY_BYTES, true),
                new WebSocketUpgrade(receiver, origins, transport.isEncrypted()),
                new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                        .websocketPath(WebSocketUpgrade.PATH)
                        .subprotocols(SUBPROTOCOLS)
                        .handshakeTimeoutMillis(connectTimeoutMs)
                        .decoderConfig(WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(maxPacketBytes + FIXED_HEADER_BYTES)
                                .allowExtensions(false)
                                .build())
                        .build()),
                new WebSocketFrames());
    }
}
