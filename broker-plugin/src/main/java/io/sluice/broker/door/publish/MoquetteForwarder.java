package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteClient;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.session.StoredSubscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Forwards one connection's packets to Moquette, and limits how much Moquette has not processed yet.
 *
 * <p>Not thread-safe: belongs to the connection's event loop. Moquette's threads say when they are done.
 */
public final class MoquetteForwarder {

    private static final int MAX_UNDER_WAY = 1_024;
    private static final long MAX_BYTES_UNDER_WAY = 1 << 20;

    private final ChannelHandlerContext ctx;
    private final MoquetteClient moquette;
    private final Runnable whenProgress;
    private final AtomicLong bytesUnderWay = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean progressIsDue = new AtomicBoolean();
    private final AtomicInteger subscribing = new AtomicInteger();

    /**
     * Begins with nothing under way.
     *
     * @param whenProgress called on the event loop when Moquette has processed something
     */
    public MoquetteForwarder(ChannelHandlerContext ctx, MoquetteClient moquette, Runnable whenProgress) {
        this.ctx = ctx;
        this.moquette = moquette;
        this.whenProgress = whenProgress;
    }

    /** The client without its connection, for what may be forwarded long after that has closed. */
    MoquetteClient moquette() {
        return moquette;
    }

    /** Whether no more should be handed on for now. */
    public boolean isFull() {
        return underWay.get() >= MAX_UNDER_WAY || bytesUnderWay.get() >= MAX_BYTES_UNDER_WAY;
    }

    /** Whether Moquette has a SUBSCRIBE or UNSUBSCRIBE of the client that it has not processed. */
    public boolean isSubscribing() {
        return subscribing.get() > 0;
    }

    /** What Moquette has not processed yet, in bytes. */
    public long heldBytes() {
        return bytesUnderWay.get();
    }

    /** Delivers a publish to subscribers. Takes over the packet. */
    CompletionStage<?> publish(MqttPublishMessage publish) {
        return track(publish, moquette.route(publish));
    }

    /** Takes a PUBACK, PUBREC or PUBCOMP of the client. */
    public void acknowledged(MqttMessage acknowledgement) {
        track(acknowledgement, moquette.acknowledged(acknowledgement));
    }

    /** Adds subscriptions of a SUBSCRIBE; the result says for each whether the client may have one more. */
    public CompletionStage<List<Boolean>> subscribe(MqttSubscribeMessage subscribe, List<StoredSubscription> wanted) {
        subscribing.incrementAndGet();
        return track(
                subscribe, moquette.subscribe(wanted).whenComplete((done, failure) -> subscribing.decrementAndGet()));
    }

    /** Ends the subscriptions of an UNSUBSCRIBE; the result says for each whether there was one. */
    public CompletionStage<List<Boolean>> unsubscribe(MqttUnsubscribeMessage unsubscribe) {
        subscribing.incrementAndGet();
        return track(
                unsubscribe,
                moquette.unsubscribe(unsubscribe.payload().topics())
                        .whenComplete((done, failure) -> subscribing.decrementAndGet()));
    }

    private <T> CompletionStage<T> track(MqttMessage packet, CompletionStage<T> work) {
        int bytes = Packets.heldBytes(packet);
        underWay.incrementAndGet();
        bytesUnderWay.addAndGet(bytes);
        return work.whenComplete((done, failure) -> {
            ReferenceCountUtil.release(packet);
            underWay.decrementAndGet();
            bytesUnderWay.addAndGet(-bytes);
            tellProgress();
        });
    }

    private void tellProgress() {
        if (progressIsDue.compareAndSet(false, true)) {
            try {
                EventLoopCall.on(ctx.channel(), () -> {
                    progressIsDue.set(false);
                    whenProgress.run();
                });
            } catch (RuntimeException | Error e) {
                progressIsDue.set(false);
                throw e;
            }
        }
    }
}
