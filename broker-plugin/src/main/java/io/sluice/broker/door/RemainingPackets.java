package io.sluice.broker.door;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.message.ConnectionTopics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packets that a closed connection has left in its queue. They are captured in order, as soon as the buffer has free
 * space; the event that the client has disconnected follows, and its will. When the broker itself closes, nothing waits.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class RemainingPackets {

    private final FrontDoor door;
    private final EventExecutor executor;
    private final Client client;
    private final PacketQueue packets;
    private final Disconnection disconnection;
    private final @Nullable Publishing publishing;
    private final Runnable retry;
    private final Runnable whenAppended;
    private boolean waiting;

    /**
     * @param publishing null if the client never got CONNACK
     * @param retry calls {@link #proceed} on the event loop; run on any thread
     * @param whenAppended called once, when everything is in the buffer
     */
    RemainingPackets(
            FrontDoor door,
            EventExecutor executor,
            Client client,
            PacketQueue packets,
            Disconnection disconnection,
            @Nullable Publishing publishing,
            Runnable retry,
            Runnable whenAppended) {
        this.door = door;
        this.executor = executor;
        this.client = client;
        this.packets = packets;
        this.disconnection = disconnection;
        this.publishing = publishing;
        this.retry = retry;
        this.whenAppended = whenAppended;
    }

    /** Tries again, if it waits. */
    void proceed() {
        if (waiting) {
            append();
        }
    }

    void append() {
        Publishing taking = publishing;
        waiting = false;
        if (taking != null && !taking.session().hasEnded() && !executor.isShuttingDown()) {
            waiting = !taking.connected().append(retry) || !take(taking);
        }
        if (!waiting) {
            end(taking);
        }
    }

    /** @return false if the one that is now at the head must wait */
    private boolean take(Publishing taking) {
        boolean goesOn = true;
        for (MqttMessage first = packets.peek(); first != null && goesOn; first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                switch (taking.capture().take(packets, Capture.MAX_BATCH)) {
                    case WAIT -> goesOn = false;
                    case REFUSED -> packets.clear();
                    case DONE, MORE -> {
                        // The loop goes on.
                    }
                }
            } else if (PubrelHandler.isRelease(first)) {
                goesOn = taking.pubrels().take(packets);
            } else if (first.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                packets.clear();
            } else {
                ReferenceCountUtil.release(packets.remove());
            }
        }
        return goesOn;
    }

    private void end(@Nullable Publishing taking) {
        DeferredAppends appends = new DeferredAppends(door.buffer, executor, whenAppended);
        appends.append(disconnection.unanswered(
                packets, taking != null && taking.session().hasEnded()));
        packets.close();
        if (taking != null) {
            if (!door.isClosing() && door.isCaptured(ConnectionTopics.of(client.id()))) {
                appends.append(List.of(disconnection.event()));
            }
            disconnection.leaveWill(appends);
            door.unreleasedIds.leave(
                    client.id(),
                    taking.session(),
                    id -> !client.sessionEndsWithConnection() && door.moquette.hasSession(id));
        }
        appends.end();
    }
}
