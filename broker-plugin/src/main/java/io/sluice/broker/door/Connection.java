package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.ConnectCheck;
import io.sluice.broker.door.client.PeerCertificate;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.GracefulClose;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.door.transport.PacketReceiver;
import io.sluice.broker.door.transport.StallWatch;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection's life, as its last handler: sees every packet before Moquette does, and every packet of Moquette's
 * before the client does.
 *
 * <p>Not thread-safe: belongs to the connection's event loop, except where a method says otherwise.
 */
final class Connection extends ChannelDuplexHandler implements PacketReceiver {

    /** Where a connection is in its life. It goes forward only. */
    private enum State {
        /** CONNECT is not there yet. */
        AWAITING,
        /** The client is being authenticated; what it sends meanwhile waits. */
        CHECKING,
        /** The client has been identified, and an earlier connection of it is not gone yet. */
        QUEUED,
        /** Moquette makes the session ready; CONNACK has not left. */
        CONNECTING,
        /** CONNACK was sent: packets are processed. */
        OPEN,
        /** It is being closed: no packet is taken any more. */
        CLOSING,
        /** It is gone. */
        CLOSED
    }

    private final DoorParts door;
    private final Channel channel;
    private final Transport transport;
    private final PacketQueue packets;
    private final StallWatch stallWatch;
    private final ConnectionLog log;
    private State state = State.AWAITING;
    private SocketAddress address;
    private boolean isBridge;
    private boolean speaksMqtt5;
    private Reason fault = Reason.SUCCESS;
    private long received;
    private TopicAliases aliases = new TopicAliases(0, Long.MAX_VALUE);
    private @Nullable Client client;
    private @Nullable Login login;
    private @Nullable Reauthentication reauthentication;
    private @Nullable PacketProcessor processor;

    Connection(DoorParts door, Channel channel, Transport transport) {
        this.door = door;
        this.channel = channel;
        this.transport = transport;
        this.packets = new PacketQueue(channel, door.queuedBytes);
        this.stallWatch = new StallWatch(channel, door.clientLimits.stallTimeoutMs(), this::closeStalled);
        this.log = new ConnectionLog(door);
        this.address = channel.remoteAddress();
    }

    /** Counts the connection to the address that it comes from, and turns it away if there are too many. */
    @Override
    public void comesFrom(SocketAddress from) {
        address = from;
        if (from instanceof InetSocketAddress inet && inet.getAddress() != null) {
            if (!door.connections.enter(inet.getAddress())) {
                turnAway("the limit of connections from this address is reached");
                return;
            }
            channel.closeFuture().addListener(closed -> door.connections.leave(inet.getAddress()));
            if (door.proxyProtocol && !door.connectRateLimit.mayConnect(inet.getAddress())) {
                turnAway("its address connects too often");
            }
        }
    }

    @Override
    public void expect(boolean mqtt5, boolean bridge, Reason wrong) {
        speaksMqtt5 = mqtt5;
        isBridge = bridge;
        fault = wrong;
    }

    @Override
    public void turnAway(String why) {
        turnAway(why, channel::close);
    }

    @Override
    public void turnAway(String why, Runnable close) {
        if (state == State.AWAITING) {
            state = State.CLOSING;
            log.turnedAway(address, why);
            close.run();
        }
    }

    @Override
    public void holdsPart(int bytes) {
        if (login != null) {
            login.holdsPart(bytes);
        }
    }

    @Override
    public boolean mayAuthenticate() {
        return client != null && client.authenticationMethod().isPresent();
    }

    /** AUTH of a client that may send one. */
    void authenticate(MqttMessage auth) {
        if (reauthentication != null) {
            reauthentication.authenticate(auth);
        }
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object read) {
        received++;
        MqttMessage packet = (MqttMessage) read;
        if (state == State.CLOSING || state == State.CLOSED) {
            ReferenceCountUtil.release(packet);
        } else if (state == State.AWAITING) {
            if (packet.decoderResult().isFailure()) {
                refuse(ConnectCheck.reasonOf(packet.decoderResult().cause()));
            } else {
                connect(ctx, (MqttConnectMessage) packet);
            }
        } else if (packet.decoderResult().isFailure()) {
            ReferenceCountUtil.release(packet);
            seal(
                    packet.decoderResult().cause() instanceof TooLongFrameException
                            ? Reason.PACKET_TOO_LARGE
                            : Reason.MALFORMED_PACKET);
        } else if (state == State.OPEN && processor != null) {
            processor.receive(packet);
        } else {
            packets.add(packet);
        }
    }

    @Override
    public void seal(Reason reason) {
        if (state == State.AWAITING) {
            refuse(reason);
            return;
        }
        packets.seal(reason);
        if (state == State.OPEN && processor != null) {
            processor.proceed();
        }
    }

    private void connect(ChannelHandlerContext ctx, MqttConnectMessage connect) {
        Client stranger = Client.of(connect, isBridge, door.clientLimits, address, PeerCertificate.of(channel));
        client = stranger;
        Reason reason = fault == Reason.SUCCESS ? ConnectCheck.check(connect, door.access::takesMethod) : fault;
        if (reason != Reason.SUCCESS) {
            refuse(stranger, reason, "its CONNECT is not valid");
            return;
        }
        state = State.CHECKING;
        Login begun = new Login(door, channel, connect, stranger, packets, new Login.Outcome() {
            @Override
            public void accepted(Client known, Optional<Will> will, long order) {
                queue(ctx, connect, known, will, order);
            }

            @Override
            public void refused(Client unknown, Reason because, String why) {
                Connection.this.refuse(unknown, because, why);
            }
        });
        login = begun;
        begun.begin();
    }

    private void queue(
            ChannelHandlerContext ctx, MqttConnectMessage connect, Client known, Optional<Will> will, long order) {
        client = known;
        login = null; // it holds the CONNECT, which may take megabytes: not as long as the connection lasts
        state = State.QUEUED;
        aliases = TopicAliases.of(connect);
        PacketProcessor begun = new PacketProcessor(
                ctx,
                door,
                known,
                door.moquette.client(known.id(), known.username(), channel, known.grant()::mayRead),
                packets,
                will,
                this);
        ClientConnections.Registration registration = door.clientConnections.register(
                known.connectedBy(transport),
                order,
                door.access.sessionsHaveOwners(),
                this,
                () -> EventLoopCall.on(channel, () -> begin(begun, connect)));
        if (registration.turn().isEmpty()) {
            refuse(
                    known,
                    registration.refusal(),
                    switch (registration.refusal()) {
                        case CLIENT_IDENTIFIER_NOT_VALID -> Login.OF_ANOTHER_USER;
                        case SERVER_BUSY -> "what its former connections have sent waits for space in the buffer";
                        default -> "a newer connection of this client has taken its place";
                    });
            return;
        }
        door.connections.letIn(channel);
        processor = begun;
        begun.queue(registration.turn().get());
        watchKeepAlive(known.keepAliveSeconds());
        Reauthentication granted = new Reauthentication(ctx, door, known, this::isOpen, this::refuse);
        reauthentication = granted;
        granted.begin();
    }

    private void watchKeepAlive(int seconds) {
        if (seconds > 0) {
            long allowedMs = TimeUnit.SECONDS.toMillis(seconds) * 3 / 2;
            channel.pipeline().addFirst(new IdleStateHandler(allowedMs, 0, 0, TimeUnit.MILLISECONDS));
        }
    }

    private void begin(PacketProcessor begun, MqttConnectMessage connect) {
        begun.takeTurn();
        if (state == State.QUEUED) {
            state = State.CONNECTING;
            begun.connect(connect);
        } else if (state == State.CLOSED) {
            begun.end();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        if (state == State.OPEN && processor != null) {
            processor.proceed();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object written, ChannelPromise promise) {
        Object last = written instanceof MqttPublishMessage publish ? aliases.aliased(publish) : written;
        ctx.write(last, promise).addListener((ChannelFutureListener) this::written);
    }

    /** A failed write is no reason to close: what the client sent before it is still to be read. */
    private void written(ChannelFuture write) {
        Throwable failure = write.cause();
        if (failure == null) {
            stallWatch.written();
        } else if (failure instanceof IOException) {
            packets.neverBlock();
        } else {
            log.failed(this, failure);
            write.channel().close();
        }
    }

    /** CONNACK is on its way. */
    void open() {
        if (state == State.CONNECTING) {
            state = State.OPEN;
            log.connected(Objects.requireNonNull(client));
        }
    }

    boolean isConnecting() {
        return state == State.CONNECTING;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Closes the connection for what the client did; an MQTT 5 client gets the reason. */
    void refuse(Reason reason) {
        refuse(reason, "");
    }

    /** @param why for the log, a clause */
    private void refuse(Reason reason, String why) {
        if (state == State.AWAITING) {
            turnAway(
                    "its CONNECT was refused: " + reason,
                    () -> sendAndClose(Packets.connackRefusing(speaksMqtt5, reason)));
        } else if (state != State.CLOSING && state != State.CLOSED) {
            packets.clear();
            if (state == State.OPEN) {
                state = State.CLOSING;
                log.closed(this, why.isEmpty() ? reason : why);
                log.ends(why.isEmpty() ? reason.name() : reason.name() + ": " + why);
                sendAndClose(disconnectPacket(reason));
            } else {
                refuse(Objects.requireNonNull(client), reason, why.isEmpty() ? "its session cannot be opened" : why);
            }
        }
    }

    private void refuse(Client refused, Reason reason, String why) {
        state = State.CLOSING;
        packets.clear();
        if (login != null) {
            login.end();
        }
        if (processor != null) {
            processor.refused();
        }
        log.refused(refused, reason, why);
        sendAndClose(Packets.connackRefusing(speaksMqtt5, reason));
    }

    /**
     * Closes the connection for a reason that is not the client's: what it sent is still taken as far as it needs no
     * answer. Thread-safe.
     */
    void leave(Reason reason) {
        EventLoopCall.on(channel, () -> {
            if (state == State.OPEN) {
                state = State.CLOSING;
                log.ends(reason.name());
                sendAndClose(disconnectPacket(reason));
            } else if (state != State.CLOSING) {
                channel.close();
            }
        });
    }

    /** Ends the connection if its client is no longer authorized. Thread-safe. */
    void recheck() {
        EventLoopCall.on(channel, () -> {
            if (reauthentication != null) {
                reauthentication.recheck();
            }
        });
    }

    /** A command of the client has failed in Moquette. Thread-safe. */
    void failed() {
        EventLoopCall.on(
                channel, () -> refuse(state == State.OPEN ? Reason.UNSPECIFIED_ERROR : Reason.SERVER_UNAVAILABLE));
    }

    private @Nullable MqttMessage disconnectPacket(Reason reason) {
        return speaksMqtt5 ? Packets.disconnect(reason) : null;
    }

    private void sendAndClose(@Nullable MqttMessage last) {
        if (last == null || !channel.isWritable()) {
            channel.close();
        } else {
            GracefulClose.send(channel.pipeline().context(this), last, packets, this::finish);
        }
    }

    /** The client has sent DISCONNECT. */
    void close() {
        state = State.CLOSING;
        log.ends("it sent DISCONNECT");
        channel.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // A client that does not read is not read either.
        packets.block(!channel.isWritable());
        if (channel.isWritable()) {
            if (processor != null) {
                // Not at once: the processor may be the one that has just written.
                EventLoopCall.on(channel, processor::writable);
            }
        } else {
            stallWatch.begin();
        }
    }

    private void closeStalled(long bytes) {
        log.closed(
                this,
                "it has read nothing for " + door.clientLimits.stallTimeoutMs() + " ms, with " + bytes
                        + " bytes waiting for it");
        log.ends("it read nothing");
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // [MQTT-3.1.2-22]; a connection that we did not read is not silent.
        if (event instanceof IdleStateEvent && !packets.wasPaused()) {
            log.silent(this);
            channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException && !(cause instanceof SSLException)) {
            // The peer has reset the connection; Netty closes it once all that came before has been read.
            return;
        }
        try {
            sayThatItEnds(cause);
        } finally {
            // Also if the log fails: nobody else would.
            channel.close();
        }
    }

    private void sayThatItEnds(Throwable cause) {
        if (state == State.AWAITING) {
            turnAway(String.valueOf(cause.getMessage()));
        } else if (cause instanceof CodecException || cause instanceof SSLException) {
            log.closed(this, String.valueOf(cause.getMessage()));
        } else {
            log.crashed(this, cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish();
    }

    /** Takes nothing more from the client, and ends all that waits for it. Idempotent. */
    private void finish() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try {
            endLogin();
        } finally {
            endProcessing();
        }
    }

    private void endLogin() {
        if (login != null) {
            login.end();
        }
        if (reauthentication != null) {
            reauthentication.end();
        }
        if (client != null) {
            log.disconnected(client);
        }
    }

    private void endProcessing() {
        if (processor == null) {
            packets.close();
        } else if (processor.hasTurn()) {
            processor.end();
        }
    }

    /** The client or its address, for the log. */
    @Override
    public String toString() {
        return client == null ? "a client at " + address : client.toString();
    }
}
