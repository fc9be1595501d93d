package io.sluice.broker.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.access.Credentials;
import io.sluice.broker.access.LoginResult;
import io.sluice.broker.access.RenewableGrant;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.ConnectCheck;
import io.sluice.broker.door.client.PeerCertificate;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connected client may stay connected: while its {@link AccessGrant} holds, which it may renew with a new token in AUTH (re-authentication, MQTT 5
 * section 4.12.1).
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Reauthentication {

    /** Reason code of an AUTH that renews (section 3.15.2.1). */
    private static final int RE_AUTHENTICATE = 0x19;

    private final ChannelHandlerContext ctx;
    private final DoorParts door;
    private final Client client;
    private final BooleanSupplier isOpen;
    private final BiConsumer<Reason, String> refuse;
    private @Nullable Future<?> nextCheck;
    private @Nullable Future<?> deadline;
    private boolean isChecking;
    /** Read by the threads that check tokens. */
    private volatile boolean isOver;

    /**
     * @param isOpen whether the connection is open and not being closed
     * @param refuse closes the connection; the clause says why, for the log
     */
    Reauthentication(
            ChannelHandlerContext ctx,
            DoorParts door,
            Client client,
            BooleanSupplier isOpen,
            BiConsumer<Reason, String> refuse) {
        this.ctx = ctx;
        this.door = door;
        this.client = client;
        this.isOpen = isOpen;
        this.refuse = refuse;
    }

    /** Checks the grant now, and when it ends. */
    void begin() {
        // The grant may have been withdrawn while the connection was not yet registered.
        recheck();
        if (!isOver) {
            client.grant().endsAt().ifPresent(this::recheckAt);
        }
    }

    /** Ends the connection if the grant no longer holds. */
    void recheck() {
        if (!isOver) {
            client.grant().objection().ifPresent(why -> refuse.accept(Reason.NOT_AUTHORIZED, why));
        }
    }

    private void recheckAt(Instant end) {
        long ms = Duration.between(Instant.now(), end).toMillis() + 1;
        nextCheck = EventLoopCall.after(ms, TimeUnit.MILLISECONDS, ctx.channel(), () -> {
            if (Instant.now().isBefore(end)) {
                // The clock was set back meanwhile.
                recheckAt(end);
            } else {
                recheck();
            }
        });
    }

    /** AUTH of the client. Everything else goes on while it is checked. */
    void authenticate(MqttMessage auth) {
        MqttProperties properties = Packets.properties(auth);
        int reason = Packets.reasonCode(auth);
        // [MQTT-4.12.1-1]; a client that waits for the answer may not send another.
        if (reason != RE_AUTHENTICATE
                || isChecking
                || !(client.grant() instanceof RenewableGrant grant)
                || !client.authenticationMethod().equals(ConnectCheck.authenticationMethod(properties))) {
            refuse.accept(Reason.PROTOCOL_ERROR, "its AUTH is not in order");
            return;
        }
        isChecking = true;
        long mostMs = door.clientLimits.connectTimeoutMs();
        deadline = EventLoopCall.after(mostMs, TimeUnit.MILLISECONDS, ctx.channel(), () -> {
            isOver = true;
            refuse.accept(Reason.SERVER_BUSY, "its new token was not decided within " + mostMs + " ms");
        });
        byte[] token = ConnectCheck.authenticationData(properties).orElseGet(() -> new byte[0]);
        Credentials credentials = new Credentials(
                client.id(),
                client.username(),
                Optional.empty(),
                Optional.of(token),
                client.certificate().map(PeerCertificate::chain).orElse(List.of()),
                token.length,
                () -> !isOver);
        door.access.admit(credentials, result -> EventLoopCall.on(ctx.channel(), () -> decided(result, grant)));
    }

    private void decided(LoginResult result, RenewableGrant grant) {
        isChecking = false;
        deadline = EventLoopCall.cancel(deadline);
        // After DISCONNECT nothing more is sent.
        boolean isAwaited = !isOver && isOpen.getAsBoolean();
        if (result instanceof LoginResult.Refused refused) {
            door.loginDelays.tried(client, refused.reason());
            if (isAwaited) {
                refuse.accept(reasonOfDisconnect(refused.reason()), refused.why());
            }
        } else if (result instanceof LoginResult.Accepted accepted && isAwaited) {
            grant.renew(accepted.grant());
            nextCheck = EventLoopCall.cancel(nextCheck);
            grant.endsAt().ifPresent(this::recheckAt);
            door.access.audit().say(Event.RENEW, client.who());
            ctx.writeAndFlush(
                    Packets.authenticated(client.authenticationMethod().orElseThrow()));
            recheck();
        }
    }

    /** DISCONNECT has fewer reason codes than CONNACK (section 3.14.2.1). */
    private static Reason reasonOfDisconnect(Reason reason) {
        return switch (reason) {
            case SERVER_BUSY, SERVER_UNAVAILABLE -> Reason.SERVER_BUSY;
            case UNSPECIFIED_ERROR -> reason;
            default -> Reason.NOT_AUTHORIZED;
        };
    }

    /** The client is gone. Idempotent. */
    void end() {
        isOver = true;
        nextCheck = EventLoopCall.cancel(nextCheck);
        deadline = EventLoopCall.cancel(deadline);
    }
}
