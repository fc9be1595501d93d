package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.sluice.broker.access.Credentials;
import io.sluice.broker.access.LoginResult;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.ConnectCheck;
import io.sluice.broker.door.client.LoginDelays;
import io.sluice.broker.door.client.PeerCertificate;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Reason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time between a valid CONNECT and its CONNACK: the delay after wrong passwords, the check of the credentials, the
 * decision about client id, will and owner of the session, and what the client sends meanwhile. Logins are numbered as
 * they arrive and decided in another order, since a password takes long to check.
 *
 * <p>It is bounded: after the delay, which {@link LoginDelays} bounds, the check may take as long as the connection had for
 * its CONNECT. Then the broker answers that it is busy; a later result only counts for the delays.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Login {

    static final String OF_ANOTHER_USER = "the session of this client identifier belongs to another user";

    /** How much of an incomplete packet is read while the login is undecided, in bytes. */
    private static final int MOST_OF_A_STRANGER = 16 << 10;

    private final DoorParts door;
    private final Channel channel;
    private final MqttConnectMessage connect;
    private final Client client;
    private final PacketQueue packets;
    private final Outcome outcome;
    private final long order;
    private @Nullable Future<?> deadline;
    /** Read by the threads that check passwords. */
    private volatile boolean isOver;

    /** Is told once, unless the connection ends before. */
    interface Outcome {

        /** The client may connect, as the user that it is; its number is higher than those of all that asked before. */
        void accepted(Client client, Optional<Will> will, long order);

        void refused(Client client, Reason reason, String why);
    }

    /** @param client as its CONNECT describes it, not yet authenticated */
    Login(
            DoorParts door,
            Channel channel,
            MqttConnectMessage connect,
            Client client,
            PacketQueue packets,
            Outcome outcome) {
        this.door = door;
        this.channel = channel;
        this.connect = connect;
        this.client = client;
        this.packets = packets;
        this.outcome = outcome;
        this.order = door.arrivals.incrementAndGet();
    }

    /** Begins; the host may be called before this returns. */
    void begin() {
        int connectBytes = connect.fixedHeader().remainingLength();
        if (!door.loginDelays.whenItMayTry(channel, client, connectBytes, this::ask)) {
            refuse(client, Reason.CONNECTION_RATE_EXCEEDED, "too many logins from its address wait");
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
                () -> refuse(client, Reason.SERVER_BUSY, "its login was not decided within " + mostMs + " ms"));
        door.access.admit(credentials(), result -> {
            if (channel.eventLoop().inEventLoop()) {
                decided(result);
            } else {
                EventLoopCall.on(channel, () -> decided(result));
            }
        });
    }

    private Credentials credentials() {
        Optional<byte[]> password = Optional.ofNullable(connect.payload().passwordInBytes());
        Optional<byte[]> shown =
                ConnectCheck.authenticationData(connect.variableHeader().properties());
        int heldBytes = client.id().length()
                + client.username().map(String::length).orElse(0)
                + password.map(bytes -> bytes.length).orElse(0)
                + shown.map(token -> token.length).orElse(0)
                + Will.of(connect).map(Will::heldBytes).orElse(0);
        return new Credentials(
                client.id(),
                client.username(),
                password,
                client.authenticationMethod().map(method -> shown.orElseGet(() -> new byte[0])),
                client.certificate().map(PeerCertificate::chain).orElse(List.of()),
                heldBytes,
                () -> !isOver);
    }

    private void decided(LoginResult result) {
        if (result instanceof LoginResult.Refused refused) {
            refused(client, refused.reason(), refused.why());
        } else if (result instanceof LoginResult.Accepted accepted) {
            Client known = client.as(accepted.username(), accepted.grant());
            Optional<Will> will = Will.of(connect);
            Reason ofWill = will.map(left -> PublishCheck.checkTopic(left.topic(), door.access.rights(), known))
                    .orElse(Reason.SUCCESS);
            Optional<String> objection = known.grant().objection();
            if (objection.isPresent()) {
                // Before it takes over the connection of another with its client id.
                refused(known, Reason.NOT_AUTHORIZED, objection.get());
            } else if (ofWill != Reason.SUCCESS) {
                refused(known, ofWill, "its will may not be published to its topic");
            } else if (door.access.sessionsHaveOwners()
                    && !ClientConnections.mayTakeOver(known.username(), door.moquette.owner(known.id()))) {
                refused(known, Reason.CLIENT_IDENTIFIER_NOT_VALID, OF_ANOTHER_USER);
            } else {
                accepted(known, will);
            }
        }
    }

    /** Counts for the delays even if it is too late for the client. */
    private void accepted(Client known, Optional<Will> will) {
        door.loginDelays.tried(client, Reason.SUCCESS);
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

    /** Counts for the delays even if it is too late for the client. */
    private void refused(Client unknown, Reason because, String why) {
        door.loginDelays.tried(client, because);
        refuse(unknown, because, why);
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
