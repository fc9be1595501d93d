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
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.SafeListener;
import io.sluice.broker.session.SessionStoreException;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.Interest;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes the packets of one client, from the moment it may connect until its connection has closed.
 *
 * <p>Packets wait in the {@link PacketQueue} until CONNACK has left and the last messages of the client's former connection are
 * in the buffer. From there publishes go through {@link Capture} into the buffer, and what Moquette needs goes through
 * {@link MoquetteForwarder}, in order. Publishers are answered by {@link AckQueue}, never by Moquette. Acknowledgements
 * of a subscriber and pings overtake what waits: they must flow while a full buffer holds publishes back.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class PacketProcessor {

    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    private final ChannelHandlerContext ctx;
    private final FrontDoor door;
    private final Client client;
    private final MoquetteClient moquette;
    private final PacketQueue packets;
    private final Connection connection;
    private final MoquetteForwarder forwarder;
    private final SubscriptionGrants subscribing;
    private final PublishCheck check;
    private final Disconnection disconnection;
    private ClientConnections.@Nullable Turn turn;
    private boolean hasTurn;
    private @Nullable Publishing publishing;
    private @Nullable PublishThrottle throttle;
    private Optional<Message> announcement = Optional.empty();
    private boolean remembersClient;
    private boolean mayPublish;
    private boolean waiting;
    private boolean isProceeding;
    private Runnable whenItNeedNotWait = this::proceed;

    /** What takes a publisher's packets, from CONNACK on. */
    private record Publishing(UnreleasedIds.Session session, AckQueue acks, Capture capture, PubrelHandler releases) {}

    /**
     * @param packets may hold packets already, which were sent right behind CONNECT
     */
    PacketProcessor(
            ChannelHandlerContext ctx,
            FrontDoor door,
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
        this.subscribing = new SubscriptionGrants(client, door.clientLimits(), door.access());
        this.check = new PublishCheck(door.access(), client);
        this.disconnection = new Disconnection(door, client, forwarder, check, will, ctx.executor());
        packets.hold(will.map(Will::heldBytes).orElse(0));
    }

    /** It waits for its turn. */
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
        remembersClient = !client.sessionEndsWithConnection() || door.moquette().hasSession(client.id());
        moquette.connect(connect)
                .whenComplete((opening, failure) -> EventLoopCall.on(ctx.executor(), () -> {
                    if (failure != null) {
                        connection.refuse(Reason.SERVER_UNAVAILABLE);
                    } else if (opening == MoquetteClient.Opening.NO_ROOM) {
                        connection.refuse(Reason.QUOTA_EXCEEDED);
                    } else if (connection.isConnecting()) {
                        letIn(opening == MoquetteClient.Opening.CONTINUED);
                    }
                }));
    }

    /** The session is ready. CONNACK leaves when the session would survive a crash. */
    private void letIn(boolean sessionContinues) {
        UnreleasedIds.Session session = door.unreleasedIds().enter(client.id(), sessionContinues);
        AckQueue acks = new AckQueue(ctx, session, client);
        publishing = new Publishing(
                session,
                acks,
                new Capture(ctx, door, client, session, acks, forwarder, check, this::tryAgain),
                new PubrelHandler(door, client, session, acks, () -> EventLoopCall.on(ctx.executor(), this::tryAgain)));
        throttle = door.publishThrottles().enter(ctx, client, this::tryAgain);
        if (isWanted(ConnectionTopics.of(client.id()))) {
            announcement = Optional.of(ConnectionEvents.connected(client, sessionContinues));
        }
        door.wills().arrived(client.id(), sessionContinues);
        whenSafe(() -> {
            remembersClient = !client.sessionEndsWithConnection();
            connection.open();
            // Also if it cannot be sent: what the client sent before it hung up is still to be taken.
            ctx.writeAndFlush(Connack.of(client, door.clientLimits(), sessionContinues));
            moquette.connected();
            opened();
        });
    }

    /** Runs an action when what the broker remembers of this client would survive a crash. */
    private void whenSafe(Runnable action) {
        if (!remembersClient) {
            EventLoopCall.on(ctx.executor(), action);
            return;
        }
        door.sessionStore().whenSafe(new SafeListener() {
            @Override
            public void safe() {
                EventLoopCall.on(ctx.executor(), action);
            }

            @Override
            public void failed(SessionStoreException cause) {
                EventLoopCall.on(ctx.executor(), () -> connection.refuse(Reason.SERVER_UNAVAILABLE));
            }
        });
    }

    private void opened() {
        if (turn != null) {
            turn.whenFormerHasAppendedAll(() -> EventLoopCall.on(ctx.executor(), () -> {
                mayPublish = true;
                proceed();
            }));
        }
        proceed();
    }

    private void tryAgain() {
        waiting = false;
        whenItNeedNotWait.run();
    }

    /** A packet of the client. Takes it over. */
    void receive(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            // Flushed when all that has been read is dealt with.
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
            // Called from within, by what was written.
            return;
        }
        isProceeding = true;
        announce();
        for (MqttMessage first = packets.peek(); first != null && mayGoOn(); first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                takePublishes(taking);
            } else if (PubrelHandler.isRelease(first)) {
                waiting = !taking.releases.take(packets);
            } else {
                takeOther(packets.remove());
            }
        }
        isProceeding = false;
        if (connection.isOpen() && packets.isEmpty()) {
            packets.sealedFor().ifPresent(connection::refuse);
        }
        regulateReading();
    }

    private boolean mayGoOn() {
        // Nobody can tell who waits for a publish behind a SUBSCRIBE of the same client that is not seen to.
        return connection.isOpen() && !waiting && !forwarder.isFull() && !forwarder.isSubscribing();
    }

    /** The first thing in the log of a connection is that it was made. */
    private void announce() {
        if (announcement.isPresent() && !waiting) {
            Rest rest = door.buffer()
                    .append(List.of(announcement.get()), AppendListener.NONE)
                    .rest();
            if (rest == Rest.WAIT) {
                waiting = true;
                door.buffer().whenFree(() -> EventLoopCall.on(ctx.executor(), this::tryAgain));
            } else {
                announcement = Optional.empty();
            }
        }
    }

    private void takePublishes(Publishing taking) {
        PublishThrottle limited = throttle;
        int most = limited == null ? Capture.MAX_BATCH : limited.grant(packets);
        boolean isRefused = limited != null && most == 0 && limited.refuses(packets);
        if (most == 0 && !isRefused) {
            waiting = true;
            return;
        }
        int before = packets.size();
        Capture.Progress progress = isRefused ? taking.capture.refuse(packets) : taking.capture.take(packets, most);
        if (limited != null && !isRefused) {
            limited.taken(before - packets.size());
        }
        switch (progress) {
            case WAIT -> waiting = true;
            case REFUSED -> connection.refuse(taking.capture.refusal());
            case DONE, MORE -> {
                // The loop around goes on.
            }
        }
    }

    private void takeOther(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PINGREQ, PUBACK, PUBREC, PUBCOMP, AUTH -> receive(packet);
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) packet);
            case DISCONNECT -> disconnect(packet);
            default -> {
                ReferenceCountUtil.release(packet);
                connection.refuse(Reason.PROTOCOL_ERROR);
            }
        }
    }

    private void subscribe(MqttSubscribeMessage subscribe) {
        SubscriptionGrants.Decision decision = subscribing.decide(subscribe);
        if (decision.refusal() == Reason.SUCCESS) {
            forwarder
                    .subscribe(subscribe, decision.wanted())
                    .thenAccept(added -> whenSafe(() ->
                            ctx.writeAndFlush(Packets.suback(Packets.packetId(subscribe), decision.codes(added)))));
        } else {
            connection.refuse(decision.refusal());
        }
    }

    private void unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        Reason reason = SubscribeCheck.check(unsubscribe.payload().topics());
        if (reason == Reason.SUCCESS) {
            forwarder
                    .unsubscribe(unsubscribe)
                    .thenAccept(existed -> whenSafe(() -> ctx.writeAndFlush(Packets.unsuback(
                            client.speaksMqtt5(),
                            Packets.packetId(unsubscribe),
                            existed.stream()
                                    .map(was -> was ? 0 : NO_SUBSCRIPTION_EXISTED)
                                    .toList()))));
        } else {
            connection.refuse(reason);
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
        boolean isHeldBack = throttle != null && throttle.isWaiting() && packets.bytes() > PublishThrottle.HELD_BYTES;
        packets.regulate(forwarder.heldBytes(), mustWait || forwarder.isFull() || isHeldBack);
    }

    private boolean isWanted(String topic) {
        return door.buffer().interest(topic) != Interest.NONE;
    }

    /** The connection is gone. */
    void end() {
        if (turn == null) {
            packets.close();
            return;
        }
        ClientConnections.Turn over = turn;
        if (publishing != null) {
            door.publishThrottles().leave(client);
        }
        if (throttle != null) {
            throttle.takesTheRest(packets);
        }
        if (publishing != null && !client.sessionEndsWithConnection()) {
            subscribeToTheRest();
        }
        over.whenFormerHasAppendedAll(() -> EventLoopCall.on(ctx.executor(), () -> appendTheRest(over)));
        moquette.gone(disconnection.newExpirySeconds(packets))
                .whenComplete((done, failure) -> door.clientConnections().left(over));
    }

    /** A client may hang up right behind a SUBSCRIBE whose session it means to come back to. */
    private void subscribeToTheRest() {
        for (MqttMessage packet : packets) {
            switch (packet.fixedHeader().messageType()) {
                case SUBSCRIBE -> {
                    MqttSubscribeMessage subscribe = (MqttSubscribeMessage) packet;
                    forwarder.subscribe(subscribe, subscribing.decide(subscribe).wanted());
                }
                case UNSUBSCRIBE -> forwarder.unsubscribe((MqttUnsubscribeMessage) packet);
                case DISCONNECT -> {
                    return;
                }
                default -> {
                    // Taken otherwise, or not any more.
                }
            }
        }
    }

    /**
     * Takes what has come and was not dealt with, in order, as soon as there is room for it; then says in the log how the
     * client has gone. When the broker itself is being closed, nothing waits.
     */
    private void appendTheRest(ClientConnections.Turn over) {
        Publishing taking = publishing;
        if (taking != null && !taking.session.hasEnded() && !ctx.executor().isShuttingDown()) {
            waiting = false;
            announce();
            if (!waiting) {
                takeTheRest(taking);
            }
            if (waiting) {
                whenItNeedNotWait = () -> appendTheRest(over);
                return;
            }
        }
        whenItNeedNotWait = () -> {};
        DeferredAppends appends = new DeferredAppends(door.buffer(), ctx.executor(), over::hasAppendedAll);
        appends.append(disconnection.unanswered(packets, taking != null && taking.session.hasEnded()));
        packets.close();
        if (taking != null) {
            if (!door.isClosing() && isWanted(ConnectionTopics.of(client.id()))) {
                appends.append(List.of(disconnection.event()));
            }
            disconnection.leaveWill(appends);
            door.unreleasedIds().leave(client.id(), taking.session, client.sessionEndsWithConnection());
        }
        appends.end();
    }

    private void takeTheRest(Publishing taking) {
        for (MqttMessage first = packets.peek(); first != null && !waiting; first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                switch (taking.capture.take(packets, Capture.MAX_BATCH)) {
                    case WAIT -> waiting = true;
                    case REFUSED -> packets.clear();
                    case DONE, MORE -> {
                        // On.
                    }
                }
            } else if (PubrelHandler.isRelease(first)) {
                waiting = !taking.releases.take(packets);
            } else if (first.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                packets.clear();
            } else {
                ReferenceCountUtil.release(packets.remove());
            }
        }
    }
}
