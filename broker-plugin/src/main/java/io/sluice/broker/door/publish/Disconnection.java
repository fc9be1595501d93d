package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteParts.Audience;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.message.Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How one client disconnects: with DISCONNECT or without (MQTT 5 section 3.14), what happens to the packets that it sent
 * last, and its will (section 3.1.2.5).
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
public final class Disconnection {

    private static final int DISCONNECT_WITH_WILL = 0x04;

    private final Publishers publishers;
    private final Client client;
    private final MoquetteForwarder forwarder;
    private final PublishCheck check;
    private final EventExecutor executor;
    private Optional<Will> will;
    private Optional<Wills.Delayed> delayed = Optional.empty();
    private boolean sentDisconnect;
    private OptionalLong newExpirySeconds = OptionalLong.empty();

    public Disconnection(
            Publishers publishers,
            Client client,
            MoquetteForwarder forwarder,
            PublishCheck check,
            Optional<Will> will,
            EventExecutor executor) {
        this.publishers = publishers;
        this.client = client;
        this.forwarder = forwarder;
        this.check = check;
        this.will = will;
        this.executor = executor;
    }

    /** The client has sent DISCONNECT; {@link Reason#SUCCESS}, or why the packet is not valid. */
    public Reason disconnect(MqttMessage disconnect) {
        OptionalLong asked = Packets.number(Packets.properties(disconnect), MqttPropertyType.SESSION_EXPIRY_INTERVAL);
        if (asked.orElse(0) > 0 && client.sessionEndsWithConnection()) {
            // Section 3.14.2.2.2
            return Reason.PROTOCOL_ERROR;
        }
        newExpirySeconds = asked.isPresent() ? asked : newExpirySeconds;
        sentDisconnect = true;
        if (Packets.reasonCode(disconnect) < DISCONNECT_WITH_WILL) {
            // Any other reason than a normal disconnection keeps the will ([MQTT-3.14.4-3]).
            will = Optional.empty();
        }
        return Reason.SUCCESS;
    }

    /** Obeys a DISCONNECT that is still in the queue of a client that is gone. */
    public void lookAhead(PacketQueue packets) {
        for (MqttMessage packet : packets) {
            if (packet.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                disconnect(packet);
            }
        }
    }

    /** The session expiry interval in DISCONNECT, in seconds. */
    public OptionalLong newExpirySeconds() {
        return newExpirySeconds;
    }

    /**
     * Takes the publishes to be captured from the queue of a client that is gone, up to DISCONNECT or to a publish that is
     * not allowed, as messages that own their payloads; subscribers get them too. The client sends the others again,
     * since they were not acknowledged.
     *
     * @param isForgotten whether the client has begun another session: then it does not repeat publishes of QoS 1, and
     *     at QoS 2 a repeat can no longer be told from a new message
     * @param messages where they go
     */
    void takeUnanswered(PacketQueue packets, boolean isForgotten, List<Message> messages) {
        for (MqttMessage packet : packets) {
            if (packet.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                disconnect(packet);
                break;
            }
            if (packet instanceof MqttPublishMessage publish) {
                MqttQoS qos = publish.fixedHeader().qosLevel();
                Reason reason = check.check(publish);
                if (reason != Reason.SUCCESS && Capture.closes(client, qos, reason)) {
                    break;
                }
                if (reason == Reason.SUCCESS
                        && (qos == MqttQoS.AT_MOST_ONCE || (isForgotten && qos == MqttQoS.AT_LEAST_ONCE))) {
                    take(publish, messages);
                }
            }
        }
    }

    private void take(MqttPublishMessage publish, List<Message> messages) {
        if (publishers.isCaptured(publish.variableHeader().topicName())) {
            byte[] payload = ByteBufUtil.getBytes(publish.payload());
            messages.add(client.message(publish, System.currentTimeMillis(), ByteBuffer.wrap(payload)));
        }
        publishers.retained.keep(publish);
        if (publishers.audience(publish.variableHeader().topicName()) != Audience.NOBODY) {
            forwarder.publish(publish.retain());
        }
    }

    /** The event that tells of it. */
    Message event() {
        return sentDisconnect ? ConnectionEvents.disconnected(client) : ConnectionEvents.lost(client);
    }

    /** The client is gone: from now on a delayed will is cancelled if the client comes back to its session in time. */
    public void delayWill() {
        if (will.isPresent() && !publishers.isClosing()) {
            Will left = will.get();
            long expiry =
                    Math.min(newExpirySeconds.orElse(client.sessionExpirySeconds()), client.sessionExpirySeconds());
            long delaySeconds = Math.min(left.delaySeconds(), expiry);
            if (delaySeconds > 0) {
                delayed = publishers.wills.leave(client.id(), delaySeconds, executor, publication(left));
                if (delayed.isEmpty()) {
                    publishers.log.say(
                            Kind.WILL,
                            "The will of {} is published without its delay: those that wait take as much memory as they may",
                            client.id());
                }
            }
        }
    }

    /** Publishes the will that the client leaves, if it leaves one, behind what was appended; one that is delayed when it is due. */
    void leaveWill(DeferredAppends appends) {
        if (delayed.isPresent()) {
            delayed.get().mayFollow(appends);
        } else if (will.isPresent() && !publishers.isClosing()) {
            publication(will.get()).publish(appends);
        }
    }

    private WillPublication publication(Will left) {
        return new WillPublication(publishers, client, left, forwarder.moquette());
    }
}
