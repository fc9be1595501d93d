package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.LoginDelays;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Reason;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time between a valid CONNECT and its CONNACK: the delay after wrong passwords, the check of the credentials, and what
 * the client sends meanwhile.
 *
 * <p>It is bounded: after the delay, which {@link LoginDelays} bounds, the check may take as long as the connection had for
 * its CONNECT. Then the broker answers that it is busy; a later result only counts for the delays.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Login {

    /** How much of an incomplete packet is read while the login is undecided, in bytes. */
    private static final int MOST_OF_A_STRANGER = 16 << 10;

    private final DoorParts door;
    private final Channel channel;
    private final ConnectRequest request;
    private final PacketQueue packets;
    private final ConnectRequest.Outcome outcome;
    private @Nullable Future<?> deadline;
    /** Read by the threads that check passwords. */
    private volatile boolean isOver;

    /**
     * @param packets what the client has sent after its CONNECT
     * @param outcome is called once, unless the connection ends before
     */
    Login(
            DoorParts door,
            Channel channel,
            ConnectRequest request,
            PacketQueue packets,
            ConnectRequest.Outcome outcome) {
        this.door = door;
        this.channel = channel;
        this.request = request;
        this.packets = packets;
        this.outcome = outcome;
    }

    /** Begins; the host may be called before this returns. */
    void begin() {
        if (!door.loginDelays.whenItMayTry(channel, request.client(), request.connectBytes(), this::ask)) {
            refuse(Reason.CONNECTION_RATE_EXCEEDED, "too many logins from its address wait");
        }
    }

    private void ask() {
        if (isOver) {
            return;
        }
        long mostMs = door.clientLimits.connectTimeoutMs();
        deadline = EventLoopCall.after(
                mostMs,
                TimeUnit.MILLISECONDS,
                channel,
                () -> refuse(Reason.SERVER_BUSY, "its login was not decided within " + mostMs + " ms"));
        request.ask(() -> !isOver, new Answer());
    }

    /** A result counts for the delays even if it is too late for the client. */
    private final class Answer implements ConnectRequest.Outcome {

        @Override
        public void accepted(Client known, Optional<Will> will, long order) {
            door.loginDelays.tried(request.client(), Reason.SUCCESS);
            if (isOver) {
                return;
            }
            if (door.connectRateLimit.mayComeIn(known)) {
                end();
                packets.regulate(0, false);
                outcome.accepted(known, will, order);
            } else {
                door.counts.heldOffClients.increment();
                refuse(known, Reason.CONNECTION_RATE_EXCEEDED, "it connects too often");
            }
        }

        @Override
        public void refused(Client unknown, Reason because, String why) {
            door.loginDelays.tried(request.client(), because);
            Login.this.refuse(unknown, because, why);
        }
    }

    private void refuse(Reason reason, String why) {
        refuse(request.client(), reason, why);
    }

    private void refuse(Client refused, Reason reason, String why) {
        if (!isOver) {
            end();
            outcome.refused(refused, reason, why);
        }
    }

    /**
     * Part of a packet has arrived; the queue counts whole packets only. As long as the part is small, reading goes on,
     * so that the broker notices a client that leaves.
     */
    void holdsPart(int bytes) {
        if (!isOver && bytes > MOST_OF_A_STRANGER) {
            packets.regulate(0, true);
        }
    }

    /** The answer is no longer awaited. Idempotent. */
    void end() {
        isOver = true;
        deadline = EventLoopCall.cancel(deadline);
    }
}
