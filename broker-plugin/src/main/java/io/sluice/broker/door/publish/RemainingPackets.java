package io.sluice.broker.door.publish;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packets that a closed connection has left in its queue. They are captured in order, as soon as the buffer has free
 * space; the event that the client has disconnected follows, and its will. When the broker itself closes, nothing waits. A
 * fault costs what it strikes: the client's next connection must not wait for ever.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
public final class RemainingPackets {

    private final Publishers publishers;
    private final EventExecutor executor;
    private final Client client;
    private final PacketQueue packets;
    private final Disconnection disconnection;
    private final @Nullable Publishing publishing;
    private final Runnable whenAppended;
    private boolean waiting;

    /**
     * Those of a connection that is gone.
     *
     * @param publishing null if the client never got CONNACK
     * @param whenAppended called once, when everything is in the buffer
     */
    public RemainingPackets(
            Publishers publishers,
            EventExecutor executor,
            Client client,
            PacketQueue packets,
            Disconnection disconnection,
            @Nullable Publishing publishing,
            Runnable whenAppended) {
        this.publishers = publishers;
        this.executor = executor;
        this.client = client;
        this.packets = packets;
        this.disconnection = disconnection;
        this.publishing = publishing;
        this.whenAppended = whenAppended;
    }

    /** Tries again, if it waits. */
    public void proceed() {
        if (waiting) {
            append();
        }
    }

    /** Appends them as far as the buffer has space; the rest when it has. */
    public void append() {
        waiting = false;
        try {
            if (publishing != null && !publishing.hasSessionEnded() && !executor.isShuttingDown()) {
                waiting = !publishing.appendConnected() || !take(publishing);
            }
        } catch (RuntimeException | Error e) {
            failed(e);
        }
        if (!waiting) {
            end();
        }
    }

    /** @return false if the one that is now at the head must wait */
    private boolean take(Publishing taking) {
        boolean goesOn = true;
        for (MqttMessage first = packets.peek(); first != null && goesOn; first = packets.peek()) {
            if (first instanceof MqttPublishMessage) {
                switch (taking.takeTheRest(packets)) {
                    case WAIT -> goesOn = false;
                    case REFUSED -> packets.clear();
                    case DONE, MORE -> {
                        // The loop goes on.
                    }
                }
            } else if (PubrelHandler.isRelease(first)) {
                goesOn = taking.takeReleases(packets);
            } else if (first.fixedHeader().messageType() == MqttMessageType.DISCONNECT) {
                packets.clear();
            } else {
                ReferenceCountUtil.release(packets.remove());
            }
        }
        return goesOn;
    }

    private void end() {
        DeferredAppends appends = new DeferredAppends(publishers.buffer, executor, whenAppended);
        appendUnanswered(appends);
        packets.close();
        try {
            if (publishing != null) {
                appendEnd(appends);
                publishing.leave();
            }
        } finally {
            // The client's next connection waits for this, whatever has failed before.
            appends.end();
        }
    }

    private void appendUnanswered(DeferredAppends appends) {
        List<Message> unanswered = new ArrayList<>();
        try {
            disconnection.takeUnanswered(packets, publishing != null && publishing.hasSessionEnded(), unanswered);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
        appends.append(unanswered);
    }

    private void appendEnd(DeferredAppends appends) {
        try {
            if (!publishers.isClosing() && publishers.isCaptured(ConnectionTopics.of(client.id()))) {
                appends.append(List.of(disconnection.event()));
            }
            disconnection.leaveWill(appends);
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable cause) {
        publishers.log.say(Kind.FAILED, "The last packets of {} cannot be taken", client, cause);
    }
}
