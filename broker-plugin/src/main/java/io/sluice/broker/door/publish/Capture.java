package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteParts;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.buffer.Admission;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.consumer.Interest;
import io.sluice.buffer.record.Fingerprint;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes one connection's publishes into the buffer: checks them, appends those that a connector wants in one call, and
 * prepares their answers.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
public final class Capture {

    /** The most publishes that are taken in one go. */
    static final int MAX_BATCH = 512;

    private static final Admission NOTHING_TO_APPEND = new Admission(0, Rest.NONE, 0);

    /** How far a {@link #take} got. */
    public enum Progress {
        /** All publishes at the head of the queue were processed. */
        DONE,
        /** Many were processed, and there may be more. */
        MORE,
        /** The publish that is now at the head must wait; the retry is called when it may be tried again. */
        WAIT,
        /** The client was refused, and its connection must be closed. */
        REFUSED
    }

    private enum Disposition {
        /** Wanted by a consumer: appended to the buffer. */
        CAPTURED,
        /** Wanted by no connector, or in the buffer already, but perhaps wanted by MQTT subscribers. */
        PASSED,
        /** A QoS 2 publish sent again: only answered. */
        REPEATED,
        /** Not allowed. */
        REFUSED
    }

    /** @param id of a QoS 2 publish that takes one */
    private record Item(
            MqttPublishMessage publish, Disposition disposition, Reason reason, UnreleasedIds.@Nullable Id id) {
        Item(MqttPublishMessage publish, Disposition disposition, Reason reason) {
            this(publish, disposition, reason, null);
        }

        MqttQoS qos() {
            return publish.fixedHeader().qosLevel();
        }

        int packetId() {
            return publish.variableHeader().packetId();
        }
    }

    private final Channel channel;
    private final Publishers publishers;
    private final Client client;
    private final UnreleasedIds.Session session;
    private final AckQueue acks;
    private final MoquetteForwarder forwarder;
    private final PublishCheck check;
    private final Runnable retry;
    private final List<Item> items = new ArrayList<>();
    private final List<Message> captured = new ArrayList<>();
    /** How many of the items are not in the queue any more. */
    private int dealt;

    private boolean answersWait;
    private String knownTopic = "";
    private int knownVersion = -1;
    private MoquetteParts.Audience knownAudience = MoquetteParts.Audience.NOBODY;
    private Reason refusal = Reason.SUCCESS;

    /** @param retry tries again, on the event loop, what had to wait */
    Capture(
            ChannelHandlerContext ctx,
            Publishers publishers,
            Client client,
            UnreleasedIds.Session session,
            AckQueue acks,
            MoquetteForwarder forwarder,
            PublishCheck check,
            Runnable retry) {
        this.publishers = publishers;
        this.client = client;
        this.session = session;
        this.acks = acks;
        this.forwarder = forwarder;
        this.check = check;
        this.channel = ctx.channel();
        this.retry = () -> EventLoopCall.on(channel, retry);
    }

    /** Why the connection must be closed, after {@link Progress#REFUSED}. */
    Reason refusal() {
        return refusal;
    }

    /**
     * Takes publishes from the head of a queue, up to the first other packet.
     *
     * @param most how many, at most {@link #MAX_BATCH}
     */
    Progress take(PacketQueue packets, int most) {
        return take(packets, () -> look(packets, most));
    }

    /** Refuses the publish at the head of a queue, which exceeds what may be published. */
    Progress refuse(PacketQueue packets) {
        return take(packets, () -> {
            if (packets.peek() instanceof MqttPublishMessage publish) {
                items.add(new Item(publish, Disposition.REFUSED, Reason.QUOTA_EXCEEDED));
            }
            answersWait = false;
            return Progress.DONE;
        });
    }

    /** However it ends, no identifier stays unsettled: the client's next connection would wait for it. */
    private Progress take(PacketQueue packets, Supplier<Progress> look) {
        AckQueue.Batch batch = acks.open();
        Progress progress;
        dealt = 0;
        try {
            progress = settle(packets, look.get(), batch);
        } catch (RuntimeException | Error e) {
            batch.fail();
            throw e;
        } finally {
            items.subList(dealt, items.size()).forEach(this::forgetId);
            items.clear();
            captured.clear();
        }
        if (batch.complete()) {
            acks.release();
        }
        return progress;
    }

    private Progress settle(PacketQueue packets, Progress looked, AckQueue.Batch batch) {
        Progress progress = looked;
        Admission admission = captured.isEmpty()
                ? NOTHING_TO_APPEND
                // The buffer remembers who waits, and takes nothing more when they are too many.
                : publishers.buffer.append(captured, answersWait ? batch : AppendListener.NONE);
        if (admission.rest() == Rest.WAIT) {
            progress = Progress.WAIT;
            publishers.buffer.whenFree(retry);
        }
        long turnedAway = publishers.sessionStore.turnedAway();
        if (!deal(packets, admission, batch)) {
            progress = Progress.REFUSED;
        }
        batch.awaitStore(publishers.sessionStore, turnedAway);
        if (admission.accepted() == 0 || !answersWait || batch.isEmpty()) {
            batch.settle();
        }
        return progress;
    }

    /** Decides about the publishes at the head of the queue, and leaves them there. */
    private Progress look(PacketQueue packets, int most) {
        answersWait = false;
        long nowMs = System.currentTimeMillis();
        for (MqttMessage packet : packets) {
            if (!(packet instanceof MqttPublishMessage publish)) {
                return Progress.DONE;
            }
            if (items.size() == most) {
                return Progress.MORE;
            }
            MqttQoS qos = publish.fixedHeader().qosLevel();
            Reason reason = check.check(publish);
            if (reason == Reason.SUCCESS && cannotBeRetained(publish)) {
                reason = Reason.QUOTA_EXCEEDED;
            }
            if (reason != Reason.SUCCESS && (isPublishersFault(reason) || !wasTaken(publish))) {
                items.add(new Item(publish, Disposition.REFUSED, reason));
                if (closes(client, qos, reason)) {
                    // Later publishes must not be captured: their publisher would not be told.
                    return Progress.DONE;
                }
                continue;
            }
            UnreleasedIds.Id id = null;
            if (qos == MqttQoS.EXACTLY_ONCE) {
                UnreleasedIds.Found found = accept(publish);
                switch (found.progress()) {
                    case NEW -> id = found.id();
                    case SAFE -> {
                        items.add(new Item(publish, Disposition.REPEATED, Reason.SUCCESS, found.id()));
                        continue;
                    }
                    case UNDELIVERED -> {
                        items.add(new Item(publish, Disposition.PASSED, Reason.SUCCESS, found.id()));
                        continue;
                    }
                    case PENDING -> {
                        return Progress.WAIT;
                    }
                    case TOO_MANY -> {
                        publishers.log.say(
                                Kind.UNRELEASED,
                                "Client {} has {} QoS 2 publishes that it has not released (PUBREL), and may not"
                                        + " have more now: its next one is refused",
                                client.id(),
                                session.unreleased());
                        items.add(new Item(publish, Disposition.REFUSED, Reason.QUOTA_EXCEEDED));
                        if (closes(client, qos, Reason.QUOTA_EXCEEDED)) {
                            return Progress.DONE;
                        }
                        continue;
                    }
                }
            }
            Interest interest =
                    publishers.buffer.interest(publish.variableHeader().topicName());
            if (interest == Interest.NONE) {
                items.add(new Item(publish, Disposition.PASSED, Reason.SUCCESS, id));
            } else {
                items.add(new Item(publish, Disposition.CAPTURED, Reason.SUCCESS, id));
                captured.add(client.message(publish, nowMs, publish.payload().nioBuffer()));
                if (id != null) {
                    id.captured = true;
                    id.place = captured.size();
                }
                answersWait |= interest != Interest.RECEIVED && qos != MqttQoS.AT_MOST_ONCE;
            }
        }
        return Progress.DONE;
    }

    private UnreleasedIds.Found accept(MqttPublishMessage publish) {
        return session.accept(
                publish.variableHeader().packetId(),
                fingerprint(publish),
                publish.fixedHeader().isDup(),
                retry);
    }

    /** Whether it is sent again after the buffer has taken it: then a refusal would be a lie. */
    private boolean wasTaken(MqttPublishMessage publish) {
        return publish.fixedHeader().qosLevel() == MqttQoS.EXACTLY_ONCE
                && session.has(publish.variableHeader().packetId(), fingerprint(publish));
    }

    private static long fingerprint(MqttPublishMessage publish) {
        return Fingerprint.of(
                publish.variableHeader().topicName(), publish.payload().nioBuffer());
    }

    /** Whether there is no space to retain it, and the client can be told so. */
    private boolean cannotBeRetained(MqttPublishMessage publish) {
        return publish.fixedHeader().isRetain()
                && client.speaksMqtt5()
                && publish.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE
                && !publishers.retained.hasRoomFor(publish);
    }

    /**
     * Answers the publishes that were decided about, hands them on, and removes them from the queue.
     *
     * @return false if the client must be refused
     */
    private boolean deal(PacketQueue packets, Admission admission, AckQueue.Batch batch) {
        int offered = 0;
        for (Item item : items) {
            Reason reason = item.reason;
            if (item.disposition == Disposition.CAPTURED && ++offered > admission.accepted()) {
                if (offered > admission.settled()) {
                    break;
                }
                reason = admission.rest() == Rest.REJECT ? Reason.QUOTA_EXCEEDED : Reason.SUCCESS;
                if (item.id != null) {
                    item.id.captured = false;
                }
            }
            if (reason != Reason.SUCCESS) {
                publishers.counts.refusedPublishes.increment();
                if (closes(client, item.qos(), reason)) {
                    refusal = reason;
                    break;
                }
            }
            dealt++;
            packets.remove();
            answer(item, reason, batch);
            if (reason == Reason.SUCCESS && item.disposition != Disposition.REPEATED) {
                try {
                    handOn(item, batch);
                } catch (RuntimeException | Error e) {
                    // It is in the buffer with those behind it: only the client's connection ends.
                    item.publish.release();
                    channel.pipeline().fireExceptionCaught(e);
                }
            } else {
                item.publish.release();
            }
        }
        return refusal == Reason.SUCCESS;
    }

    /** Retains a publish if it asks for that, and hands it on to its subscribers. */
    private void handOn(Item item, AckQueue.Batch batch) {
        boolean isAnswered = item.qos() != MqttQoS.AT_MOST_ONCE;
        if (publishers.retained.keep(item.publish) && isAnswered) {
            batch.waitFor(CompletableFuture.completedStage(null));
        }
        MoquetteParts.Audience audience =
                audienceOf(item.publish.variableHeader().topicName());
        if (audience == MoquetteParts.Audience.NOBODY) {
            item.publish.release();
            return;
        }
        CompletionStage<?> delivered = forwarder.publish(item.publish);
        if (audience == MoquetteParts.Audience.KEPT && isAnswered) {
            batch.waitFor(delivered);
        }
    }

    /** Remembers the last topic, since devices mostly publish to one, until its subscribers may have changed. */
    private MoquetteParts.Audience audienceOf(String topic) {
        int version = publishers.moquette.audienceVersion();
        if (version != knownVersion || !topic.equals(knownTopic)) {
            knownAudience = publishers.audience(topic);
            knownTopic = topic;
            knownVersion = version;
        }
        return knownAudience;
    }

    /** Whether the only way to refuse a publish is to close the connection. */
    static boolean closes(Client client, MqttQoS qos, Reason reason) {
        return switch (reason) {
            case SUCCESS -> false;
            case TOPIC_ALIAS_INVALID, PROTOCOL_ERROR -> true;
            default -> qos == MqttQoS.AT_MOST_ONCE ? isPublishersFault(reason) : !client.speaksMqtt5();
        };
    }

    private static boolean isPublishersFault(Reason reason) {
        return reason != Reason.NOT_AUTHORIZED && reason != Reason.QUOTA_EXCEEDED;
    }

    private void answer(Item item, Reason reason, AckQueue.Batch batch) {
        switch (item.qos()) {
            case AT_LEAST_ONCE -> batch.answer(Packets.puback(item.packetId(), reason));
            case EXACTLY_ONCE -> {
                MqttMessage pubrec = Packets.pubrec(item.packetId(), reason);
                if (item.id != null && item.disposition == Disposition.REPEATED) {
                    batch.answerRepeat(pubrec, item.id);
                } else if (reason == Reason.SUCCESS && item.id != null) {
                    batch.answer(pubrec, item.id);
                } else {
                    forgetId(item);
                    batch.answer(pubrec);
                }
            }
            default -> {
                // QoS 0 is not answered.
            }
        }
    }

    /** A QoS 2 publish that is not taken now leaves its identifier as it found it. */
    private void forgetId(Item item) {
        if (item.id == null) {
            return;
        }
        if (item.disposition == Disposition.REPEATED) {
            session.settleRepeats(List.of(item.id));
        } else {
            session.settle(List.of(item.id), false);
        }
    }
}
