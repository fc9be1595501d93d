package io.sluice.broker.door;

import io.moquette.broker.MoquetteClient;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.ClientLimits;
import io.sluice.broker.door.client.Connack;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.publish.Disconnection;
import io.sluice.broker.door.publish.MoquetteForwarder;
import io.sluice.broker.door.publish.Publishing;
import io.sluice.broker.door.publish.RemainingPackets;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes the packets of one client, from the moment it may connect until its connection has closed.
 *
 * <p>Packets wait in the {@link PacketQueue} until CONNACK has left and the last messages of the client's former connection are
 * in the buffer. From there publishes go through {@link Publishing} into the buffer, and what Moquette needs goes through
 * {@link MoquetteForwarder}, in order. Publishers are answered by {@link Publishing}, never by Moquette. Acknowledgements
 * of a subscriber and pings overtake what waits: they must flow while a full buffer holds publishes back.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class PacketProcessor {

    private final ChannelHandlerContext ctx;
    private final DoorParts door;
    private final Client client;
    private final MoquetteClient moquette;
    private final PacketQueue packets;
    private final Connection connection;
    private final MoquetteForwarder forwarder;
    private final SessionSync sync;
    private final SubscribeHandler subscriptions;
    private final PublishCheck check;
    private final Disconnection disconnection;
    private ClientConnections.@Nullable Turn turn;
    private boolean hasTurn;
    private @Nullable Publishing publishing;
    private boolean mayPublish;
    private boolean waiting;
    private boolean isProceeding;
    private @Nullable RemainingPackets remaining;

    /** @param packets may hold packets already, which were sent right after CONNECT */
    PacketProcessor(
            ChannelHandlerContext ctx,
            DoorParts door,
            Client client,
            MoquetteClient moquette,
            PacketQueue packets,
            Optional<Will> will,
            Connection connection) {
        this.ctx = ctx;
        this.door = door;
        this.client = client;
        this.moquette = moquette;
        this.packets = packets;
        this.connection = connection;
        this.forwarder = new MoquetteForwarder(ctx, moquette, this::proceed);
        this.sync = new SessionSync(door, ctx.channel(), connection::refuse);
        this.subscriptions = new SubscribeHandler(ctx, door, client, forwarder, sync, connection::refuse);
        this.check = new PublishCheck(door.access, client);
        this.disconnection = new Disconnection(door.publishers, client, forwarder, check, will, ctx.executor());
        packets.hold(will.map(Will::heldBytes).orElse(0));
    }

    void queue(ClientConnections.Turn awaited) {
        turn = awaited;
    }

    boolean hasTurn() {
        return hasTurn;
    }

    void takeTurn() {
        hasTurn = true;
    }

    /** Asks Moquette for the client's session. */
    void connect(MqttConnectMessage connect) {
        sync.isStored(!client.sessionEndsWithConnection() || door.moquette.hasSession(client.id()));
        moquette.connect(connect)
                .whenComplete((opening, failure) -> EventLoopCall.on(ctx.channel(), () -> {
                    if (failure != null) {
                        connection.refuse(Reason.SERVER_UNAVAILABLE);
                    } else if (opening == MoquetteClient.Opening.NO_ROOM) {
                        connection.refuse(Reason.QUOTA_EXCEEDED);
                    } else if (connection.isConnecting()) {
                        accept(opening == MoquetteClient.Opening.CONTINUED);
                    }
                }));
    }

    /** The session is ready. CONNACK leaves when the session would survive a crash. */
    private void accept(boolean sessionContinues) {
        publishing = new Publishing(
                door.publishers, ctx, client, forwarder, check, sessionContinues, this::answered, this::tryAgain);
        Publishing begun = publishing;
        sync.whenSafe(() -> {
            if (publishing != begun) {
                // It was refused meanwhile.
                return;
            }
            begun.arrive();
            sync.isStored(!client.sessionEndsWithConnection());
            connection.open();
            // Also if it cannot be sent: what the client sent before it hung up is still to be taken.
            ctx.writeAndFlush(Connack.of(client, door.clientLimits, sessionContinues));
            moquette.connected();
            opened();
        });
    }

    /** The client is told that it may not come in: it has not been there, and leaves no will. */
    void refused() {
        Publishing begun = publishing;
        if (begun != null) {
            publishing = null;
            begun.end(packets);
            begun.leave();
        }
    }

    private void opened() {
        if (turn != null) {
            turn.whenFormerHasAppendedAll(() -> EventLoopCall.on(ctx.channel(), () -> {
                mayPublish = true;
                proceed();
            }));
        }
        proceed();
    }

    /** Answers have left, so that further publishes may be owed one. */
    private void answered() {
        if (connection.isOpen()) {
            proceed();
        }
    }

    private void tryAgain() {
        waiting = false;
        if (remaining == null) {
            proceed();
        } else {
            remaining.proceed();
        }
    }

    /** A packet of the client. Takes it over. */
    void receive(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            // Flushed when all that has been read is processed.
            case PINGREQ -> ctx.write(Packets.PINGRESP);
            case PUBACK, PUBREC, PUBCOMP -> forwarder.acknowledged(packet);
            case AUTH -> connection.authenticate(packet);
            default -> packets.add(packet);
        }
    }

    /** The client reads again. */
    void writable() {
        moquette.writable();
        proceed();
    }

    /** Takes what is there as far as it can go now. */
    void proceed() {
        Publishing taking = publishing;
        if (taking == null || !mayPublish || !connection.isOpen()) {
            regulateReading();
            return;
        }
        if (isProceeding) {
            // The loop below has written something, which has called this again.
            return;
        }
        isProceeding = true;
        try {
            takePackets(taking);
        } finally {
            isProceeding = false;
        }
        if (connection.isOpen() && packets.isEmpty()) {
            packets.sealedFor().ifPresent(connection::refuse);
        }
        regulateReading();
    }

    private void takePackets(Publishing taking) {
        if (!waiting) {
            waiting = !taking.appendConnected();
        }
        for (MqttMessage first = packets.peek(); first != null && mayGoOn(); first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                takePublishes(taking);
            } else if (first.fixedHeader().messageType() == MqttMessageType.PUBREL) {
                waiting = !taking.takeReleases(packets);
            } else {
                takeOther(packets.remove());
            }
        }
    }

    private boolean mayGoOn() {
        // The subscribers of a publish are not known while an earlier SUBSCRIBE of the same client is in progress.
        return connection.isOpen() && !waiting && !forwarder.isFull() && !forwarder.isSubscribing() && !owesTooMany();
    }

    /**
     * Whether so many publishes wait for their answers, which take memory, that no more are taken. The connection is read until
     * as many wait behind them: pings and acknowledgements overtake.
     */
    private boolean owesTooMany() {
        return publishing != null && publishing.unanswered() > ClientLimits.RECEIVE_MAXIMUM;
    }

    private void takePublishes(Publishing taking) {
        switch (taking.takePublishes(packets)) {
            case WAIT -> waiting = true;
            case REFUSED -> connection.refuse(taking.refusal());
            case DONE, MORE -> {
                // The loop around goes on.
            }
        }
    }

    private void takeOther(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PINGREQ, PUBACK, PUBREC, PUBCOMP, AUTH -> receive(packet);
            case SUBSCRIBE -> subscriptions.subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> subscriptions.unsubscribe((MqttUnsubscribeMessage) packet);
            case DISCONNECT -> disconnect(packet);
            default -> {
                ReferenceCountUtil.release(packet);
                connection.refuse(Reason.PROTOCOL_ERROR);
            }
        }
    }

    private void disconnect(MqttMessage disconnect) {
        Reason reason = disconnection.disconnect(disconnect);
        if (reason == Reason.SUCCESS) {
            packets.clear();
            connection.close();
        } else {
            connection.refuse(reason);
        }
    }

    private void regulateReading() {
        boolean mustWait =
                !packets.isEmpty() && (forwarder.isFull() || packets.unacknowledged() > ClientLimits.RECEIVE_MAXIMUM);
        boolean isHeldBack = publishing != null && publishing.isHeldBack(packets);
        packets.regulate(forwarder.heldBytes(), mustWait || forwarder.isFull() || isHeldBack);
    }

    /** The connection is gone. */
    void end() {
        if (turn == null) {
            packets.close();
            return;
        }
        ClientConnections.Turn over = turn;
        try {
            disconnection.lookAhead(packets);
            if (publishing != null) {
                // It may have hung up before CONNACK.
                publishing.arrive();
                endPublishing(publishing);
            }
        } finally {
            // The client's next connection waits for both, whatever has failed before.
            try {
                appendTheRest(over);
            } finally {
                leaveMoquette(over);
            }
        }
    }

    private void endPublishing(Publishing ending) {
        disconnection.delayWill();
        ending.end(packets);
        if (!client.sessionEndsWithConnection()) {
            subscriptions.takeTheRest(packets);
        }
    }

    private void appendTheRest(ClientConnections.Turn over) {
        RemainingPackets rest = new RemainingPackets(
                door.publishers, ctx.executor(), client, packets, disconnection, publishing, over::hasAppendedAll);
        remaining = rest;
        over.whenFormerHasAppendedAll(() -> EventLoopCall.on(ctx.channel(), rest::append));
    }

    private void leaveMoquette(ClientConnections.Turn over) {
        moquette.gone(disconnection.newExpirySeconds())
                .whenComplete((done, failure) -> door.clientConnections.left(over));
    }
}
