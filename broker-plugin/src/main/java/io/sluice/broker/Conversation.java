package io.sluice.broker;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.Interest;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What goes on between the broker and a client that has been let in.
 *
 * <p>Packets wait in the {@link Inbox} until the session stands on Moquette's side. From there publishes go through
 * {@link Intake} into the buffer, and everything through {@link Forwarder} on to Moquette, in order. Publishers are
 * answered by {@link AckQueue}, never by Moquette. Acknowledgements of a subscriber and pings overtake what waits:
 * they must flow while a full buffer holds publishes back.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Conversation {

    private final ChannelHandlerContext ctx;
    private final FrontDoor door;
    private final Client client;
    private final UnreleasedIds.Session session;
    private final AckQueue acks;
    private final Forwarder forwarder;
    private final Intake intake;
    private final Releases releases;
    private final Inbox inbox;
    private final SubscribeAnswers subscribeAnswers = new SubscribeAnswers();
    private final Refusal refusal;
    private Optional<Will> will;
    private Optional<Message> announcement = Optional.empty();
    private boolean saidGoodbye;
    private Runnable whenSessionStands = () -> {};
    private Runnable whenArrived = () -> {};
    private boolean connackSent;
    private boolean waiting;
    private boolean closed;

    /** Closes the connection, for a reason that the client is told if it can be. */
    interface Refusal {
        void refuse(Reason reason);
    }

    /**
     * @param sessionContinues whether the client is told that the broker has kept its session
     * @param inbox may hold packets already, which were sent right behind CONNECT
     */
    Conversation(
            ChannelHandlerContext ctx,
            FrontDoor door,
            Client client,
            boolean sessionContinues,
            Inbox inbox,
            Optional<Will> will,
            Refusal refusal) {
        this.ctx = ctx;
        this.door = door;
        this.client = client;
        this.inbox = inbox;
        this.will = will;
        this.refusal = refusal;
        this.session = door.unreleasedIds().enter(client.id(), sessionContinues);
        this.acks = new AckQueue(ctx, session, client);
        this.forwarder = new Forwarder(ctx, door.windows(), this::moquetteCaughtUp);
        this.intake = new Intake(ctx, door, client, session, acks, forwarder, this::tryAgain);
        this.releases = new Releases(door, client, session, acks, () -> LateCall.on(ctx.executor(), this::tryAgain));
    }

    Client client() {
        return client;
    }

    /**
     * Begins with CONNACK, which is held until the session loop is done with CONNECT: only then does Moquette hear that
     * it was sent, which it must before it hears of anything else. Not knowing of it, it drops a SUBSCRIBE, and if the
     * client has gone again by then, its session loop dies.
     *
     * @param whenArrived called, perhaps often, when Moquette has also done what it does behind CONNACK
     */
    void begin(boolean sessionPresent, Runnable sendConnack, Runnable whenArrived) {
        this.whenSessionStands = sendConnack;
        this.whenArrived = whenArrived;
        if (isWanted(ConnectionTopics.of(client.id()))) {
            announcement =
                    Optional.of(ConnectionEvents.connected(client, ctx.channel().remoteAddress(), sessionPresent));
        }
        forwarder.sendFence();
    }

    /** CONNACK has left, and Moquette knows. */
    void connackSent() {
        connackSent = true;
        forwarder.sendFence();
        checkReceiveMaximum();
        proceed();
    }

    private void moquetteCaughtUp() {
        if (connackSent) {
            whenArrived.run();
            proceed();
        } else {
            // Once: a fence that is sent again may come back twice.
            Runnable sendConnack = whenSessionStands;
            whenSessionStands = () -> {};
            sendConnack.run();
        }
    }

    private void tryAgain() {
        waiting = false;
        proceed();
    }

    /** A packet of the client. Takes it over. */
    void receive(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PINGREQ, PUBACK, PUBREC, PUBCOMP -> {
                if (mayProceed()) {
                    takeOther(packet);
                } else {
                    enqueue(packet);
                }
            }
            default -> enqueue(packet);
        }
    }

    private void enqueue(MqttMessage packet) {
        inbox.add(packet);
        checkReceiveMaximum();
    }

    private void checkReceiveMaximum() {
        if (client.speaksMqtt5() && inbox.unacknowledged() + acks.unanswered() > FrontDoor.RECEIVE_MAXIMUM) {
            refusal.refuse(Reason.RECEIVE_MAXIMUM_EXCEEDED);
        }
    }

    private boolean mayProceed() {
        return connackSent && !closed;
    }

    /** Takes what is there as far as it can go now. */
    void proceed() {
        if (!mayProceed()) {
            regulateReading();
            return;
        }
        announce();
        for (MqttMessage first = inbox.peek();
                first != null && !waiting && !closed && !forwarder.isFull();
                first = inbox.peek()) {
            if (first instanceof MqttPublishMessage) {
                takePublishes();
            } else if (Releases.isRelease(first)) {
                waiting = !releases.take(inbox);
            } else {
                takeOther(inbox.remove());
            }
        }
        if (!closed) {
            forwarder.forward();
            regulateReading();
        }
    }

    /** The first thing in the log of a connection is that it was made. */
    private void announce() {
        if (announcement.isPresent() && !waiting) {
            if (door.buffer()
                            .append(List.of(announcement.get()), AppendListener.NONE)
                            .rest()
                    == Rest.WAIT) {
                waiting = true;
                door.buffer().whenRoom(() -> LateCall.on(ctx.executor(), this::tryAgain));
            } else {
                announcement = Optional.empty();
            }
        }
    }

    private void takePublishes() {
        switch (intake.take(inbox)) {
            case WAIT -> waiting = true;
            case REFUSED -> refusal.refuse(intake.refusal());
            case DONE, MORE -> {
                // The loop around goes on.
            }
        }
    }

    private void takeOther(MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PINGREQ -> ctx.writeAndFlush(Packets.PINGRESP);
            case PUBACK, PUBREC, PUBCOMP -> ctx.fireChannelRead(packet);
            case SUBSCRIBE -> {
                MqttSubscribeMessage subscribe = (MqttSubscribeMessage) packet;
                if (client.speaksMqtt5()) {
                    subscribeAnswers.asked(subscribe);
                }
                forwardIfAllowed(
                        packet,
                        subscribe.payload().topicSubscriptions().stream()
                                .map(MqttTopicSubscription::topicFilter)
                                .toList());
            }
            case UNSUBSCRIBE ->
                forwardIfAllowed(
                        packet, ((MqttUnsubscribeMessage) packet).payload().topics());
            case DISCONNECT -> {
                saidGoodbye = true;
                if (!isDisconnectWithWill(packet)) {
                    will = Optional.empty();
                }
                forwarder.add(packet);
            }
            default -> forwarder.add(packet);
        }
    }

    /** MQTT 5 reason 0x04, or any other than a normal disconnection, keeps the will ([MQTT-3.14.4-3]). */
    private static boolean isDisconnectWithWill(MqttMessage disconnect) {
        return disconnect.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                && header.reasonCode() != Reason.SUCCESS.code();
    }

    private void forwardIfAllowed(MqttMessage packet, List<String> filters) {
        Reason reason = SubscribeCheck.check(filters);
        if (reason == Reason.SUCCESS) {
            forwarder.add(packet);
        } else {
            ReferenceCountUtil.release(packet);
            refusal.refuse(reason);
        }
    }

    private void regulateReading() {
        if (!closed) {
            inbox.regulate(forwarder.heldBytes(), !inbox.isEmpty() && forwarder.isFull());
        }
    }

    /** Whether a packet of Moquette's must not reach the client. */
    boolean takes(MqttMessage outbound) {
        return forwarder.takes(outbound);
    }

    /** An answer of Moquette's as the client is to see it. */
    MqttMessage explained(MqttMessage answer) {
        return answer instanceof MqttSubAckMessage suback ? subscribeAnswers.explained(suback) : answer;
    }

    /** Takes no more packets: the connection is being closed. */
    void stop() {
        closed = true;
        inbox.clear();
    }

    /** The connection is gone. */
    void end() {
        List<Message> last = new ArrayList<>();
        announcement.ifPresent(last::add);
        if (!closed) {
            last.addAll(intake.unanswerable(inbox));
        }
        if (!door.isClosing() && isWanted(ConnectionTopics.of(client.id()))) {
            last.add(saidGoodbye ? ConnectionEvents.disconnected(client) : ConnectionEvents.lost(client));
        }
        stop();
        forwarder.close();
        door.unreleasedIds().leave(client.id(), session, client.sessionEndsWithConnection());
        LastWords lastWords = new LastWords(door.buffer(), ctx.executor());
        lastWords.append(last);
        if (will.isPresent()) {
            Will left = will.get();
            long delaySeconds = Math.min(left.delaySeconds(), client.sessionExpirySeconds());
            door.wills().gone(client.id(), this, delaySeconds, ctx.executor(), () -> publish(left, lastWords));
        } else {
            door.wills().left(client.id(), this);
        }
    }

    private void publish(Will left, LastWords lastWords) {
        if (isWanted(left.topic())) {
            lastWords.append(List.of(left.message(client, System.currentTimeMillis())));
        }
    }

    private boolean isWanted(String topic) {
        return door.buffer().interest(topic) != Interest.NONE;
    }
}
