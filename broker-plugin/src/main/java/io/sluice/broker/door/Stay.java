package io.sluice.broker.door;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.sluice.broker.access.Arrival;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.access.RenewedPass;
import io.sluice.broker.access.Verdict;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How long a client may stay that was let in: as long as its pass has no objection, or it shows a new token in time (MQTT 5
 * section 4.12.1).
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Stay {

    /** What a client sends that wants to show something new (section 3.15.2.1). */
    private static final int RE_AUTHENTICATE = 0x19;

    private final ChannelHandlerContext ctx;
    private final FrontDoor door;
    private final Client client;
    private final BiConsumer<Reason, String> refuse;
    private @Nullable Future<?> askingAgain;
    private boolean isAsking;
    /** Read by the threads that check tokens. */
    private volatile boolean isOver;

    /** @param refuse closes the connection; the clause says why, for the log */
    Stay(ChannelHandlerContext ctx, FrontDoor door, Client client, BiConsumer<Reason, String> refuse) {
        this.ctx = ctx;
        this.door = door;
        this.client = client;
        this.refuse = refuse;
    }

    /** Asks now, and when the pass ends. */
    void begin() {
        // What lets it in may have changed before anybody could know that it is here.
        askAgain();
        if (!isOver) {
            client.pass().endsAt().ifPresent(this::askAgainAt);
        }
    }

    /** Ends the connection if what let the client in does so no more. */
    void askAgain() {
        if (!isOver) {
            client.pass().objection().ifPresent(why -> refuse.accept(Reason.NOT_AUTHORIZED, why));
        }
    }

    private void askAgainAt(Instant end) {
        askingAgain = ctx.executor()
                .schedule(
                        () -> {
                            if (Instant.now().isBefore(end)) {
                                // The clock was set back meanwhile.
                                askAgainAt(end);
                            } else {
                                askAgain();
                            }
                        },
                        Duration.between(Instant.now(), end).toMillis() + 1,
                        TimeUnit.MILLISECONDS);
    }

    /** AUTH of the client. Everything else goes on while it is checked. */
    void authenticate(MqttMessage auth) {
        MqttProperties properties = Packets.properties(auth);
        int reason = auth.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header
                ? Byte.toUnsignedInt(header.reasonCode())
                : 0;
        // [MQTT-4.12.1-1]; a client that has not heard the answer has nothing more to say.
        if (reason != RE_AUTHENTICATE
                || isAsking
                || !(client.pass() instanceof RenewedPass pass)
                || !client.authenticationMethod().equals(ConnectCheck.authenticationMethod(properties))) {
            refuse.accept(Reason.PROTOCOL_ERROR, "its AUTH is not in order");
            return;
        }
        isAsking = true;
        byte[] token = ConnectCheck.authenticationData(properties).orElseGet(() -> new byte[0]);
        Arrival arrival = new Arrival(
                client.id(),
                client.username(),
                Optional.empty(),
                Optional.of(token),
                client.certificate().map(PeerCertificate::shown),
                token.length,
                () -> !isOver);
        door.entrance().admit(arrival, verdict -> LateCall.on(ctx.executor(), () -> decided(verdict, pass)));
    }

    private void decided(Verdict verdict, RenewedPass pass) {
        isAsking = false;
        if (verdict instanceof Verdict.Unwelcome unwelcome) {
            door.guesses().tried(client, unwelcome.reason());
            if (!isOver) {
                refuse.accept(reasonOfDisconnect(unwelcome.reason()), unwelcome.why());
            }
        } else if (verdict instanceof Verdict.Welcome welcome && !isOver) {
            pass.renew(welcome.pass());
            stopTheClock();
            pass.endsAt().ifPresent(this::askAgainAt);
            door.entrance().audit().say(Event.RENEW, client.who());
            ctx.writeAndFlush(
                    Packets.authenticated(client.authenticationMethod().orElseThrow()));
            askAgain();
        }
    }

    /** DISCONNECT has fewer words than CONNACK (section 3.14.2.1). */
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
        stopTheClock();
    }

    private void stopTheClock() {
        if (askingAgain != null) {
            askingAgain.cancel(false);
            askingAgain = null;
        }
    }
}
