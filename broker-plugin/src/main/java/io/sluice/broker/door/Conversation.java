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
import io.sluice.broker.memory.MemoryException;
import io.sluice.broker.memory.SafeListener;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.Interest;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What goes on between the broker and a client that may come in.
 *
 * <p>Packets wait in the {@link PacketQueue} until CONNACK has left and everything is in the buffer that the client's former
 * connection had to say. From there publishes go through {@link Capture} into the buffer, and what Moquette has to do with
 * goes through {@link Onward}, in order. Publishers are answered by {@link AckQueue}, never by Moquette. Acknowledgements
 * of a subscriber and pings overtake what waits: they must flow while a full buffer holds publishes back.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Conversation {

    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    private final ChannelHandlerContext ctx;
    private final FrontDoor door;
    private final Client client;
    private final MoquetteClient moquette;
    private final PacketQueue packets;
    private final Connection connection;
    private final Onward onward;
    private final Subscribing subscribing;
    private final PublishCheck check;
    private final Departure departure;
    private Presence.@Nullable Turn turn;
    private boolean hasTurn;
    private @Nullable Publishing publishing;
    private @Nullable Pace pace;
    private Optional<Message> announcement = Optional.empty();
    private boolean remembersClient;
    private boolean mayPublish;
    private boolean waiting;
    private boolean isProceeding;
    private Runnable whenItNeedNotWait = this::proceed;

    /** What takes a publisher's packets, from CONNACK on. */
    private record Publishing(UnreleasedIds.Session session, AckQueue acks, Capture capture, Releases releases) {}

    /**
     * @param packets may hold packets already, which were sent right behind CONNECT
     */
    Conversation(
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
        this.onward = new Onward(ctx, moquette, this::proceed);
        this.subscribing = new Subscribing(client, door.terms(), door.entrance());
        this.check = new PublishCheck(door.entrance(), client);
        this.departure = new Departure(door, client, onward, check, will, ctx.executor());
        packets.hold(will.map(Will::heldBytes).orElse(0));
    }

    /** It waits for its turn. */
    void queue(Presence.Turn awaited) {
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
                .whenComplete((opening, failure) -> LateCall.on(ctx.executor(), () -> {
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
                new Capture(ctx, door, client, session, acks, onward, check, this::tryAgain),
                new Releases(door, client, session, acks, () -> LateCall.on(ctx.executor(), this::tryAgain)));
        pace = door.paces().enter(ctx, client, this::tryAgain);
        if (isWanted(ConnectionTopics.of(client.id()))) {
            announcement = Optional.of(ConnectionEvents.connected(client, sessionContinues));
        }
        door.wills().arrived(client.id(), sessionContinues);
        whenSafe(() -> {
            remembersClient = !client.sessionEndsWithConnection();
            connection.open();
            // Also if it cannot be sent: what the client sent before it hung up is still to be taken.
            ctx.writeAndFlush(Connack.of(client, door.terms(), sessionContinues));
            moquette.connected();
            opened();
        });
    }

    /** Runs an action when what the broker remembers of this client would survive a crash. */
    private void whenSafe(Runnable action) {
        if (!remembersClient) {
            LateCall.on(ctx.executor(), action);
            return;
        }
        door.memory().whenSafe(new SafeListener() {
            @Override
            public void safe() {
                LateCall.on(ctx.executor(), action);
            }

            @Override
            public void failed(MemoryException cause) {
                LateCall.on(ctx.executor(), () -> connection.refuse(Reason.SERVER_UNAVAILABLE));
            }
        });
    }

    private void opened() {
        if (turn != null) {
            turn.whenFormerHasSaidAll(() -> LateCall.on(ctx.executor(), () -> {
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
            case PUBACK, PUBREC, PUBCOMP -> onward.acknowledged(packet);
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
            } else if (Releases.isRelease(first)) {
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
        return connection.isOpen() && !waiting && !onward.isFull() && !onward.isSubscribing();
    }

    /** The first thing in the log of a connection is that it was made. */
    private void announce() {
        if (announcement.isPresent() && !waiting) {
            Rest rest = door.buffer()
                    .append(List.of(announcement.get()), AppendListener.NONE)
                    .rest();
            if (rest == Rest.WAIT) {
                waiting = true;
                door.buffer().whenFree(() -> LateCall.on(ctx.executor(), this::tryAgain));
            } else {
                announcement = Optional.empty();
            }
        }
    }

    private void takePublishes(Publishing taking) {
        Pace limited = pace;
        int most = limited == null ? Capture.MAX_BATCH : limited.grant(packets);
        boolean isRefused = limited != null && most == 0 && limited.refuses(packets);
        if (most == 0 && !isRefused) {
            waiting = true;
            return;
        }
        int before = packets.size();
        Capture.Progress progress = isRefused ? taking.capture.refuse(packets) : taking.capture.take(packets, most);
        if (limited != null) {
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
        Subscribing.Decision decision = subscribing.decide(subscribe);
        if (decision.refusal() == Reason.SUCCESS) {
            onward.subscribe(subscribe, decision.wanted())
                    .thenAccept(added -> whenSafe(() ->
                            ctx.writeAndFlush(Packets.suback(Packets.packetId(subscribe), decision.codes(added)))));
        } else {
            connection.refuse(decision.refusal());
        }
    }

    private void unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        Reason reason = SubscribeCheck.check(unsubscribe.payload().topics());
        if (reason == Reason.SUCCESS) {
            onward.unsubscribe(unsubscribe)
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
        Reason reason = departure.disconnect(disconnect);
        if (reason == Reason.SUCCESS) {
            packets.clear();
            connection.close();
        } else {
            connection.refuse(reason);
        }
    }

    private void regulateReading() {
        boolean mustWait = !packets.isEmpty() && (onward.isFull() || packets.unacknowledged() > Terms.RECEIVE_MAXIMUM);
        boolean isHeldBack = pace != null && pace.isWaiting() && packets.bytes() > Pace.HELD_BYTES;
        packets.regulate(onward.heldBytes(), mustWait || onward.isFull() || isHeldBack);
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
        Presence.Turn over = turn;
        if (publishing != null) {
            door.paces().leave(client);
        }
        if (pace != null) {
            pace.takesTheRest(packets);
        }
        if (publishing != null && !client.sessionEndsWithConnection()) {
            subscribeToTheLast();
        }
        over.whenFormerHasSaidAll(() -> LateCall.on(ctx.executor(), () -> sayTheLast(over)));
        moquette.gone(departure.newExpirySeconds(packets))
                .whenComplete((done, failure) -> door.presence().left(over));
    }

    /** A client may hang up right behind a SUBSCRIBE whose session it means to come back to. */
    private void subscribeToTheLast() {
        for (MqttMessage packet : packets) {
            switch (packet.fixedHeader().messageType()) {
                case SUBSCRIBE -> {
                    MqttSubscribeMessage subscribe = (MqttSubscribeMessage) packet;
                    onward.subscribe(subscribe, subscribing.decide(subscribe).wanted());
                }
                case UNSUBSCRIBE -> onward.unsubscribe((MqttUnsubscribeMessage) packet);
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
    private void sayTheLast(Presence.Turn over) {
        Publishing taking = publishing;
        if (taking != null && !taking.session.hasEnded() && !ctx.executor().isShuttingDown()) {
            waiting = false;
            announce();
            if (!waiting) {
                takeTheLast(taking);
            }
            if (waiting) {
                whenItNeedNotWait = () -> sayTheLast(over);
                return;
            }
        }
        whenItNeedNotWait = () -> {};
        LastWords lastWords = new LastWords(door.buffer(), ctx.executor(), over::hasSaidAll);
        lastWords.append(departure.unanswered(packets, taking != null && taking.session.hasEnded()));
        packets.close();
        if (taking != null) {
            if (!door.isClosing() && isWanted(ConnectionTopics.of(client.id()))) {
                lastWords.append(List.of(departure.event()));
            }
            departure.leaveWill(lastWords);
            door.unreleasedIds().leave(client.id(), taking.session, client.sessionEndsWithConnection());
        }
        lastWords.end();
    }

    private void takeTheLast(Publishing taking) {
        for (MqttMessage first = packets.peek(); first != null && !waiting; first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                switch (taking.capture.take(packets, Capture.MAX_BATCH)) {
                    case WAIT -> waiting = true;
                    case REFUSED -> packets.clear();
                    case DONE, MORE -> {
                        // On.
                    }
                }
            } else if (Releases.isRelease(first)) {
                waiting = !taking.releases.take(packets);
            } else if (first.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                packets.clear();
            } else {
                ReferenceCountUtil.release(packets.remove());
            }
        }
    }
}
