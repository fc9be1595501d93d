package io.moquette.broker;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.session.StoredSubscription;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection as its session and Moquette's routing see it. The result of each call completes when the work
 * is done, so that the caller can limit how much is in progress. Messages for the client are written to its channel.
 * Thread-safe; calls for one connection come in order.
 */
@NullMarked
public final class MoquetteClient {

    private static final int FIRST_FAILURE = 0x80;

    private final String clientId;
    private final Optional<String> username;
    private final Predicate<String> mayRead;
    private final MQTTConnection connection;
    private final PostOffice postOffice;
    private final SessionLoops loops;
    private final ClientSessions sessions;

    MoquetteClient(
            String clientId,
            Optional<String> username,
            Predicate<String> mayRead,
            MQTTConnection connection,
            PostOffice postOffice,
            SessionLoops loops,
            ClientSessions sessions) {
        this.clientId = clientId;
        this.username = username;
        this.mayRead = mayRead;
        this.connection = connection;
        this.postOffice = postOffice;
        this.loops = loops;
        this.sessions = sessions;
    }

    /** How long a session is to outlive its connection, in seconds, at most {@code maxSeconds} (section 3.1.2.11.2). */
    public static long grantedExpiry(MqttConnectMessage connect, long maxSeconds) {
        if (connect.variableHeader().version() != MqttVersion.MQTT_5.protocolLevel()) {
            return connect.variableHeader().isCleanSession() ? 0 : maxSeconds;
        }
        long asked = Packets.number(connect.variableHeader().properties(), MqttPropertyType.SESSION_EXPIRY_INTERVAL)
                .orElse(0);
        return Math.min(asked, maxSeconds);
    }

    public enum Opening {
        NEW,
        CONTINUED,
        /** The limit of sessions that outlive their connections is reached. */
        NO_ROOM
    }

    /** Begins or continues the client's session. No other connection of it is left. */
    public CompletionStage<Opening> connect(MqttConnectMessage connect) {
        return onLoop("CONNECT", () -> sessions.open(connect, clientId, username.orElse(null), mayRead, connection));
    }

    /**
     * CONNACK was sent: the client gets the messages that wait, and once more those that it has not acknowledged
     * ([MQTT-4.4.0-1]).
     */
    public CompletionStage<?> connected() {
        return withSession(session -> {
            session.completeConnection();
            session.reconnectSession();
        });
    }

    /**
     * Adds subscriptions, and delivers retained messages for them; the result says for each whether the client may have
     * one more.
     */
    public CompletionStage<List<Boolean>> subscribe(List<StoredSubscription> wanted) {
        return onLoop(
                        "SUBSCRIBE",
                        () -> session()
                                .map(session -> sessions.subscribe(session, wanted))
                                .orElseGet(ClientSessions.Added::new))
                .thenCompose(
                        added -> deliverRetained(added.wantRetained().values().iterator())
                                .thenApply(done -> added.taken()));
    }

    /**
     * One subscription after the other: a packet may hold any number, and each looks through the retained messages. Those that
     * are queued are in the queue when the result completes, the others follow.
     */
    private CompletionStage<?> deliverRetained(Iterator<StoredSubscription> to) {
        if (!to.hasNext()) {
            return CompletableFuture.completedStage(null);
        }
        StoredSubscription next = to.next();
        RetainedDelivery queued = sessions.retained(next);
        return turns(session -> session.queueRetained(queued)).thenCompose(done -> {
            turns(session -> session.sendRetained(sessions.retained(next)), ClientSession::sendRetained);
            return deliverRetained(to);
        });
    }

    private CompletionStage<?> turns(Predicate<ClientSession> action) {
        return turns(action, action);
    }

    /**
     * Runs an action for the session, and then another one for as long as there is more to do. What waits for other clients of
     * the loop runs in between.
     */
    private CompletionStage<?> turns(Predicate<ClientSession> first, Predicate<ClientSession> next) {
        return outcome(
                        "session",
                        () -> session().filter(first).isPresent(),
                        action -> loops.routeBehindOthers(clientId, action))
                .thenCompose(more -> more ? turns(next) : CompletableFuture.completedStage(null));
    }

    /** Ends subscriptions; the result says for each whether there was one. */
    public CompletionStage<List<Boolean>> unsubscribe(List<String> filters) {
        return onLoop(
                "UNSUBSCRIBE",
                () -> filters.stream()
                        .map(filter -> sessions.unsubscribe(clientId, filter))
                        .toList());
    }

    /**
     * Delivers a publish to subscribers: into their queues, or, at QoS 0, to those that are connected.
     *
     * @param publish of any QoS; the caller keeps its reference
     * @return completes when it is in all of them
     */
    public CompletionStage<?> route(MqttPublishMessage publish) {
        try {
            // Moquette's method for QoS 0 only routes; the front door does the rest.
            return postOffice.receivedPublishQos0(
                    connection, username.orElse(null), clientId, publish.retain(), expiry(publish));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Instant expiry(MqttPublishMessage publish) {
        OptionalLong seconds =
                Packets.number(publish.variableHeader().properties(), MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL);
        return seconds.isPresent() ? Instant.now().plusSeconds(seconds.getAsLong()) : Instant.MAX;
    }

    /** A PUBACK, PUBREC or PUBCOMP of the client, for what was delivered to it. */
    public CompletionStage<?> acknowledged(MqttMessage packet) {
        int packetId = Packets.packetId(packet);
        boolean isFailure = packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply
                && Byte.toUnsignedInt(reply.reasonCode()) >= FIRST_FAILURE;
        return withSession(session -> {
            switch (packet.fixedHeader().messageType()) {
                case PUBACK -> session.pubAckReceived(packetId);
                case PUBREC -> session.received(packetId, isFailure);
                case PUBCOMP -> session.processPubComp(packetId);
                default -> throw new IllegalArgumentException("no acknowledgement: " + packet);
            }
        });
    }

    /** The client reads again. */
    public CompletionStage<?> writable() {
        return turns(ClientSession::sendOn, ClientSession::sendRetained);
    }

    /**
     * The connection has closed, whether or not its client was let in.
     *
     * @param newExpirySeconds the session expiry interval in DISCONNECT (section 3.14.2.2.2)
     */
    public CompletionStage<?> gone(OptionalLong newExpirySeconds) {
        return onLoop("gone", () -> {
            sessions.gone(clientId, connection, username, newExpirySeconds);
            return true;
        });
    }

    private CompletionStage<?> withSession(Consumer<ClientSession> action) {
        return onLoop("session", () -> {
            session().ifPresent(action);
            return true;
        });
    }

    /** The client's session, unless another connection of it has taken it over. */
    private Optional<ClientSession> session() {
        return Optional.ofNullable(sessions.retrieve(clientId)).filter(session -> session.isBoundTo(connection));
    }

    private <T> CompletionStage<T> onLoop(String what, Supplier<T> action) {
        return outcome(what, action, command -> loops.routeCommand(clientId, what, command));
    }

    private <T> CompletionStage<T> outcome(
            String what, Supplier<T> action, Function<Callable<@Nullable Void>, PostOffice.RouteResult> route) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        PostOffice.RouteResult routed = route.apply(() -> {
            try {
                outcome.complete(action.get());
            } finally {
                if (!outcome.isDone()) {
                    outcome.completeExceptionally(
                            new IllegalStateException(what + " of client '" + clientId + "' failed"));
                }
            }
            return null;
        });
        if (!routed.isSuccess()) {
            outcome.completeExceptionally(new IllegalStateException("the broker is closing"));
        }
        return outcome;
    }
}
