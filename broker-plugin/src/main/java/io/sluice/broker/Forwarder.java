package io.sluice.broker;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands one connection's packets on to Moquette, no faster than Moquette takes them, and keeps to itself what Moquette
 * answers to publishes.
 *
 * <p>Moquette drops commands that find a session loop's queue full and tells nobody. So publishes go in windows, and
 * every window ends with a fence: an UNSUBSCRIBE from nothing, which passes through the same queue and whose UNSUBACK
 * proves that the session loop has done all before it. A QoS 1 or QoS 2 publish that Moquette has not acknowledged by
 * then did not reach all subscribers' loops and is offered again, marked as a duplicate, which Moquette hands only to
 * those that missed it. Publishes carry packet identifiers of ours, because the client's may be used again before
 * Moquette has seen them.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Forwarder {

    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    private static final int MAX_QUEUED = 16 * ForwardingWindows.WINDOW;
    private static final int MAX_PACKET_ID = 65_535;
    private static final int MAX_TRIES = 8;
    private static final int NO_FENCE = 0;
    private static final int ABOUT_TO_OFFER_AGAIN = -1;
    private static final long FENCE_LOST_MS = 2_000;

    private record Offered(MqttPublishMessage publish, int tries) {}

    private final ChannelHandlerContext ctx;
    private final ForwardingWindows windows;
    private final Runnable whenProgress;
    private final Deque<MqttMessage> queue = new ArrayDeque<>();
    private final Map<Integer, Offered> unacknowledged = new LinkedHashMap<>();
    private final Set<Integer> clientsUnsubscribes = new HashSet<>();
    private long queuedBytes;
    private long windowBytes;
    private boolean windowOpen;
    private boolean windowWanted;
    private boolean closed;
    private int fence = NO_FENCE;
    private boolean fenceIsWatched;
    private int lastPublishId;
    private int lastFenceId;
    private int subscribesUnanswered;

    /**
     * @param whenProgress called on the event loop when a window has passed and there is room in the queue again
     */
    Forwarder(ChannelHandlerContext ctx, ForwardingWindows windows, Runnable whenProgress) {
        this.ctx = ctx;
        this.windows = windows;
        this.whenProgress = whenProgress;
    }

    /** Takes over a packet. */
    void add(MqttMessage packet) {
        queue.add(packet);
        queuedBytes += Packets.heldBytes(packet);
        subscribesUnanswered += packet.fixedHeader().messageType() == MqttMessageType.SUBSCRIBE ? 1 : 0;
    }

    /** Whether the client has asked for subscriptions that Moquette may not have made yet. */
    boolean isSubscribing() {
        return subscribesUnanswered > 0;
    }

    /** What was added and Moquette has not done yet, in bytes. */
    long heldBytes() {
        return queuedBytes + windowBytes;
    }

    /** Whether no more should be added for now. */
    boolean isFull() {
        return queue.size() >= MAX_QUEUED;
    }

    /** Hands on what may be handed on. */
    void forward() {
        int offered = 0;
        boolean passedOther = false;
        while (!queue.isEmpty() && fence == NO_FENCE) {
            if (!(queue.peek() instanceof MqttPublishMessage)) {
                pass(remove());
                passedOther = true;
            } else if (!openWindow()) {
                break;
            } else if (offered < ForwardingWindows.WINDOW && windowBytes < ForwardingWindows.WINDOW_BYTES) {
                MqttMessage publish = remove();
                windowBytes += Packets.heldBytes(publish);
                offer((MqttPublishMessage) publish);
                offered++;
            } else {
                sendFence();
            }
        }
        if (windowOpen && fence == NO_FENCE) {
            sendFence();
        }
        if (passedOther) {
            ctx.fireChannelReadComplete();
        }
    }

    private MqttMessage remove() {
        MqttMessage packet = queue.remove();
        queuedBytes -= Packets.heldBytes(packet);
        return packet;
    }

    private boolean openWindow() {
        if (!windowOpen && !windowWanted) {
            windowOpen = windows.tryOpen(() -> ctx.executor().execute(this::tryAgain));
            windowWanted = !windowOpen;
        }
        return windowOpen;
    }

    private void tryAgain() {
        windowWanted = false;
        if (closed) {
            // The call may have been meant for somebody who still needs it.
            windows.pass();
        } else {
            forward();
        }
    }

    private void offer(MqttPublishMessage publish) {
        Packets.limitExpiry(publish.variableHeader().properties());
        if (publish.fixedHeader().qosLevel() == MqttQoS.AT_MOST_ONCE) {
            pass(publish);
            return;
        }
        lastPublishId = lastPublishId % MAX_PACKET_ID + 1;
        offer(lastPublishId, new Offered(Packets.withPacketId(publish, lastPublishId), 1));
    }

    private void offer(int id, Offered offered) {
        unacknowledged.put(id, offered);
        pass(ReferenceCountUtil.retain(offered.publish));
    }

    private void pass(MqttMessage packet) {
        if (packet.fixedHeader().messageType() == MqttMessageType.UNSUBSCRIBE) {
            clientsUnsubscribes.add(Packets.packetId(packet));
        }
        ctx.fireChannelRead(packet);
    }

    /** Asks to be told, by {@code whenProgress}, when Moquette has done all that was handed on. */
    void sendFence() {
        do {
            lastFenceId = lastFenceId % MAX_PACKET_ID + 1;
        } while (clientsUnsubscribes.contains(lastFenceId));
        fence = lastFenceId;
        ctx.fireChannelRead(Packets.fence(fence));
        watchFence();
    }

    /** Sends the fence again if it is still standing after a while: a full queue may have swallowed it. */
    private void watchFence() {
        if (fenceIsWatched) {
            return;
        }
        fenceIsWatched = true;
        int watched = fence;
        ctx.executor()
                .schedule(
                        () -> {
                            fenceIsWatched = false;
                            if (fence == watched && !closed) {
                                sendFence();
                            } else if (fence != NO_FENCE && !closed) {
                                watchFence();
                            }
                        },
                        FENCE_LOST_MS,
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Looks at a packet that Moquette sends to the client.
     *
     * @return whether it was meant for us, and must not reach the client
     */
    boolean takes(MqttMessage answer) {
        switch (answer.fixedHeader().messageType()) {
            case PUBACK -> acknowledged(Packets.packetId(answer));
            case PUBREC -> {
                int id = Packets.packetId(answer);
                acknowledged(id);
                ctx.fireChannelRead(Packets.pubrel(id));
            }
            case PUBCOMP -> {
                // Ends what our own PUBREL began.
            }
            case UNSUBACK -> {
                int id = Packets.packetId(answer);
                if (clientsUnsubscribes.remove(id)) {
                    return false;
                }
                if (id == fence) {
                    passedFence();
                }
            }
            case SUBACK -> {
                subscribesUnanswered--;
                return false;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void acknowledged(int id) {
        Offered offered = unacknowledged.remove(id);
        if (offered != null) {
            offered.publish.release();
        }
    }

    private void passedFence() {
        fence = NO_FENCE;
        if (unacknowledged.isEmpty()) {
            if (windowOpen) {
                closeWindow();
            }
            forward();
            whenProgress.run();
        } else {
            // Keeps the window, and what comes next behind it, so that order is kept.
            fence = ABOUT_TO_OFFER_AGAIN;
            ctx.executor().schedule(this::offerAgain, 10, TimeUnit.MILLISECONDS);
        }
    }

    private void offerAgain() {
        if (closed) {
            return;
        }
        List<Map.Entry<Integer, Offered>> missed = new ArrayList<>(unacknowledged.entrySet());
        unacknowledged.clear();
        int givenUp = 0;
        for (Map.Entry<Integer, Offered> entry : missed) {
            Offered offered = entry.getValue();
            if (offered.tries < MAX_TRIES) {
                offer(entry.getKey(), new Offered(asDuplicate(offered.publish), offered.tries + 1));
            } else {
                offered.publish.release();
                givenUp++;
            }
        }
        if (givenUp > 0) {
            LOG.warn("{} publishes did not reach all MQTT subscribers: their session queues stayed full", givenUp);
        }
        sendFence();
    }

    private static MqttPublishMessage asDuplicate(MqttPublishMessage publish) {
        MqttFixedHeader header = publish.fixedHeader();
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        header.messageType(), true, header.qosLevel(), header.isRetain(), header.remainingLength()),
                publish.variableHeader(),
                publish.payload());
    }

    private void closeWindow() {
        windowOpen = false;
        windowBytes = 0;
        windows.close();
    }

    /** The connection is gone: hands on all that is left, since nobody waits for it any more, and gives up the rest. */
    void close() {
        closed = true;
        queue.forEach(ctx::fireChannelRead);
        queue.clear();
        unacknowledged.values().forEach(offered -> offered.publish.release());
        unacknowledged.clear();
        if (windowOpen) {
            closeWindow();
        }
    }
}
