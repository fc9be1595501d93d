package io.sluice.broker.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.SubscribeCheck;
import io.sluice.broker.door.client.SubscriptionGrants;
import io.sluice.broker.door.publish.MoquetteForwarder;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.util.function.Consumer;

/**
 * Handles one connection's SUBSCRIBE and UNSUBSCRIBE packets: checks them, lets Moquette subscribe, and answers when the
 * session store has the change.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class SubscribeHandler {

    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    private final ChannelHandlerContext ctx;
    private final Client client;
    private final SubscriptionGrants grants;
    private final MoquetteForwarder forwarder;
    private final SessionSync sync;
    private final Consumer<Reason> refuse;

    SubscribeHandler(
            ChannelHandlerContext ctx,
            DoorParts door,
            Client client,
            MoquetteForwarder forwarder,
            SessionSync sync,
            Consumer<Reason> refuse) {
        this.ctx = ctx;
        this.client = client;
        this.grants = new SubscriptionGrants(client, door.clientLimits, door.access);
        this.forwarder = forwarder;
        this.sync = sync;
        this.refuse = refuse;
    }

    /** Takes over the packet. */
    void subscribe(MqttSubscribeMessage subscribe) {
        SubscriptionGrants.Decision decision = grants.decide(subscribe);
        if (decision.refusal() == Reason.SUCCESS) {
            forwarder
                    .subscribe(subscribe, decision.wanted())
                    .thenAccept(added -> sync.whenSafe(() ->
                            ctx.writeAndFlush(Packets.suback(Packets.packetId(subscribe), decision.codes(added)))));
        } else {
            refuse.accept(decision.refusal());
        }
    }

    /** Takes over the packet. */
    void unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        Reason reason = SubscribeCheck.check(unsubscribe.payload().topics());
        if (reason == Reason.SUCCESS) {
            forwarder
                    .unsubscribe(unsubscribe)
                    .thenAccept(existed -> sync.whenSafe(() -> ctx.writeAndFlush(Packets.unsuback(
                            client.speaksMqtt5(),
                            Packets.packetId(unsubscribe),
                            existed.stream()
                                    .map(was -> was ? 0 : NO_SUBSCRIPTION_EXISTED)
                                    .toList()))));
        } else {
            refuse.accept(reason);
        }
    }

    /** Applies what a closed connection has left in its queue: the client may mean to return to its session. */
    void takeTheRest(PacketQueue packets) {
        for (MqttMessage packet : packets) {
            switch (packet.fixedHeader().messageType()) {
                case SUBSCRIBE -> {
                    MqttSubscribeMessage subscribe = (MqttSubscribeMessage) packet;
                    forwarder.subscribe(subscribe, grants.decide(subscribe).wanted());
                }
                case UNSUBSCRIBE -> forwarder.unsubscribe((MqttUnsubscribeMessage) packet);
                case DISCONNECT -> {
                    return;
                }
                default -> {
                    // Not about subscriptions.
                }
            }
        }
    }
}
