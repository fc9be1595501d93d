package io.sluice.broker.door.publish;

import io.netty.channel.ChannelHandlerContext;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.publish.Capture.Progress;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Reason;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes one client's publishes and releases from its queue, from CONNACK on: {@link PublishThrottle} says when, {@link
 * Capture} and {@link PubrelHandler} take them, {@link AckQueue} answers them.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
public final class Publishing {

    private final Publishers publishers;
    private final Client client;
    private final UnreleasedIds.Session session;
    private final AckQueue acks;
    private final Capture capture;
    private final PubrelHandler pubrels;
    private final Runnable retryInTurn;
    /** Null if nothing limits its publishes. */
    private final @Nullable PublishThrottle throttle;

    private final boolean sessionContinues;

    /** That the client has connected; empty once that is in the buffer, and if no connector wants it. */
    private Optional<Message> connected;

    private boolean hasArrived;

    /**
     * A client has come in; it must {@link #end} and then {@link #leave}.
     *
     * @param whenAnswered runs on the event loop when answers have left
     * @param retry runs on the event loop when what had to wait may be tried again
     */
    public Publishing(
            Publishers publishers,
            ChannelHandlerContext ctx,
            Client client,
            MoquetteForwarder forwarder,
            PublishCheck check,
            boolean sessionContinues,
            Runnable whenAnswered,
            Runnable retry) {
        this.publishers = publishers;
        this.client = client;
        this.sessionContinues = sessionContinues;
        this.retryInTurn = () -> EventLoopCall.on(ctx.channel(), retry);
        this.session = publishers.unreleasedIds.enter(client.id(), sessionContinues);
        this.acks = new AckQueue(ctx, session, client, whenAnswered);
        this.capture = new Capture(ctx, publishers, client, session, acks, forwarder, check, retry);
        this.pubrels = new PubrelHandler(publishers.buffer, client, session, acks, retryInTurn);
        this.throttle = publishers.throttles.enter(ctx, client, retry);
        this.connected = publishers.isCaptured(ConnectionTopics.of(client.id()))
                ? Optional.of(ConnectionEvents.connected(client, sessionContinues))
                : Optional.empty();
    }

    /**
     * Appends the event that the client has connected, which must be in the buffer before what it publishes, unless that is
     * done.
     *
     * @return false if it must wait
     */
    public boolean appendConnected() {
        if (connected.isPresent() && !publishers.append(connected.get(), retryInTurn)) {
            return false;
        }
        connected = Optional.empty();
        return true;
    }

    /** Takes publishes from the head of a queue, as many as may be taken now. */
    public Progress takePublishes(PacketQueue packets) {
        if (throttle == null) {
            return takeTheRest(packets);
        }
        int most = throttle.grant(packets);
        if (most == 0) {
            return throttle.refuses(packets) ? capture.refuse(packets) : Progress.WAIT;
        }
        int before = packets.size();
        Progress progress = capture.take(packets, most);
        throttle.taken(packets, before - packets.size());
        return progress;
    }

    /** Takes publishes from the head of a queue, whatever their limits. */
    Progress takeTheRest(PacketQueue packets) {
        return capture.take(packets, Capture.MAX_BATCH);
    }

    /** Why the connection must be closed, after {@link Progress#REFUSED}. */
    public Reason refusal() {
        return capture.refusal();
    }

    /** Takes releases from the head of a queue, up to the first other packet; false if the next one must wait. */
    public boolean takeReleases(PacketQueue packets) {
        return pubrels.take(packets);
    }

    /** How many publishes of QoS 1 and 2, and releases, have no answer yet. */
    public int unanswered() {
        return acks.unanswered();
    }

    /** Whether a queue holds so much that waits for its turn that no more should be read. */
    public boolean isHeldBack(PacketQueue packets) {
        return throttle != null && throttle.isWaiting() && packets.bytes() > PublishThrottle.HELD_BYTES;
    }

    /** The connection is gone: nothing is answered any more, and what is left in its queue waits for no turn. */
    public void end(PacketQueue packets) {
        acks.leave();
        publishers.throttles.leave(client);
        if (throttle != null) {
            throttle.takesTheRest(packets);
        }
    }

    /** CONNACK leaves: a will that the client left before is cancelled if its session continues, and published if not. */
    public void arrive() {
        if (!hasArrived) {
            hasArrived = true;
            publishers.wills.arrived(client.id(), sessionContinues);
        }
    }

    /** Nothing more is taken from the client. */
    public void leave() {
        publishers.unreleasedIds.leave(
                client.id(), session, id -> !client.sessionEndsWithConnection() && publishers.moquette.hasSession(id));
    }

    /** Whether the client has begun another session. */
    boolean hasSessionEnded() {
        return session.hasEnded();
    }
}
