package io.moquette.broker;

import io.moquette.broker.subscriptions.Topic;
import io.moquette.persistence.MemorySessionsRepository;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.session.SessionQueue;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredSession;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.thread.DaemonThreads;
import io.sluice.thread.Repeated;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of all clients: begins, continues and ends them (MQTT 5 section 4.1).
 *
 * <p>Stands in for Moquette's registry, which keeps a session for ever when its connection breaks before CONNACK, takes
 * the session expiry only from the first CONNECT, and stops ending sessions once one could not be ended. A client's
 * session is used only on its loop. Thread-safe.
 */
@NullMarked
final class ClientSessions extends SessionRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSessions.class);

    private static final int MAX_IN_FLIGHT = 100;

    private static final int SEND_RETAINED = 0;
    private static final int SEND_RETAINED_IF_NEW = 1;

    /** Moquette asks for one, and does not use it. */
    private static final ScheduledExecutorService NO_SCHEDULER = Executors.newScheduledThreadPool(0);

    private final ConcurrentMap<String, ClientSession> sessions = new ConcurrentHashMap<>();
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-session-expiry"));

    private final Subscriptions subscriptions;
    private final SessionStore store;
    /** For sessions that end with their connections. */
    private final SessionStore passing;

    private final Authorizator authorizator;
    private final SessionLoops loops;
    private final PublishCopies copies = new PublishCopies();
    private final LongAdder undelivered;
    private final BiConsumer<String, Throwable> failed;
    private final Consumer<String> ended;
    private final Clock clock;
    private final long maxExpirySeconds;

    ClientSessions(
            Subscriptions subscriptions,
            SessionStore store,
            Authorizator authorizator,
            SessionLoops loops,
            LongAdder undelivered,
            BiConsumer<String, Throwable> failed,
            Consumer<String> ended,
            Clock clock,
            long maxExpirySeconds) {
        super(
                subscriptions,
                new MemorySessionsRepository(),
                new MemoryQueueRepository(),
                authorizator,
                NO_SCHEDULER,
                clock,
                Session.INFINITE_EXPIRY,
                loops);
        this.subscriptions = subscriptions;
        this.store = store;
        this.authorizator = authorizator;
        this.loops = loops;
        this.undelivered = undelivered;
        this.failed = failed;
        this.ended = ended;
        this.passing = store.passing();
        this.clock = clock;
        this.maxExpirySeconds = maxExpirySeconds;
    }

    /** Restores the stored sessions, and begins to end those that expire. */
    void begin() {
        long now = System.nanoTime();
        for (StoredSession stored : store.sessions()) {
            ClientSession session =
                    session(stored.clientId(), version(stored.protocolLevel()), false, store.queue(stored.clientId()));
            long awayMs = stored.disconnectedAtMs().isPresent()
                    ? Math.max(0, clock.millis() - stored.disconnectedAtMs().getAsLong())
                    : 0;
            session.expireAfter(stored.expirySeconds());
            session.belongsTo(stored.username().orElse(null));
            session.offlineSince(now - TimeUnit.MILLISECONDS.toNanos(awayMs));
            sessions.put(stored.clientId(), session);
        }
        for (StoredSubscription stored : store.subscriptions()) {
            ClientSession session = sessions.get(stored.clientId());
            if (session != null) {
                subscriptions.add(stored);
                identify(session, stored);
            }
        }
        Repeated sweeping = new Repeated(
                this::sweep,
                e -> LOG.error("The broker cannot end expired sessions now, and tries again every second", e));
        sweeper.scheduleWithFixedDelay(sweeping, 1, 1, TimeUnit.SECONDS);
    }

    /** Whether a client has a session that outlives its connection. */
    boolean isKept(String clientId) {
        ClientSession session = sessions.get(clientId);
        return session != null && session.isKept();
    }

    int count() {
        return sessions.size();
    }

    @Override
    @Nullable
    ClientSession retrieve(String clientId) {
        return sessions.get(clientId);
    }

    /** Begins or continues a client's session. On the client's loop. */
    MoquetteClient.Opening open(
            MqttConnectMessage connect,
            String clientId,
            @Nullable String username,
            Predicate<String> mayRead,
            MQTTConnection connection) {
        boolean clean = connect.variableHeader().isCleanSession();
        ClientSession former = sessions.get(clientId);
        if (former != null && clean) {
            end(clientId, former);
            former = null;
        }
        int level = connect.variableHeader().version();
        long expiry = MoquetteClient.grantedExpiry(connect, maxExpirySeconds);
        SessionStore kept = former != null || expiry > 0 ? store : passing;
        if (!kept.save(
                new StoredSession(clientId, Optional.ofNullable(username), level, expiry, OptionalLong.empty()))) {
            return MoquetteClient.Opening.NO_ROOM;
        }
        ClientSession session;
        if (former == null) {
            session = session(clientId, version(level), clean, kept.queue(clientId));
            sessions.put(clientId, session);
        } else {
            session = former;
            withdrawUnreadable(clientId, username, mayRead);
        }
        boolean wasKept = session.isKept();
        session.expireAfter(expiry);
        session.accept(terms(connect), mayRead);
        session.belongsTo(username);
        session.assignState(Session.SessionStatus.DISCONNECTED, Session.SessionStatus.CONNECTING);
        session.bind(connection);
        if (wasKept != session.isKept()) {
            subscriptions.sessionChanged();
        }
        return former == null ? MoquetteClient.Opening.NEW : MoquetteClient.Opening.CONTINUED;
    }

    private ClientSession session(String clientId, MqttVersion version, boolean clean, SessionQueue queue) {
        return new ClientSession(
                new ISessionsRepository.SessionData(clientId, version, 0, clock),
                clean,
                queue,
                copies,
                authorizator,
                undelivered,
                failed,
                clock);
    }

    private static MqttVersion version(int level) {
        return level == MqttVersion.MQTT_5.protocolLevel() ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1;
    }

    /** Ends subscriptions that the client may no longer have: its rights may have changed since it subscribed. */
    private void withdrawUnreadable(String clientId, @Nullable String username, Predicate<String> mayRead) {
        for (StoredSubscription subscription : subscriptions.of(clientId)) {
            Topic filter = Subscriptions.treeFilter(subscription.filter());
            if (!authorizator.canRead(filter, username, clientId) || !mayRead.test(filter.toString())) {
                unsubscribe(clientId, subscription.filter());
            }
        }
    }

    /**
     * What has become of subscriptions that a client wanted.
     *
     * @param taken for each, whether the client may have one more
     * @param wantRetained those for which there are retained messages to be delivered, by their filters: of equal ones the last
     */
    record Added(List<Boolean> taken, Map<String, StoredSubscription> wantRetained) {
        Added() {
            this(new ArrayList<>(), new LinkedHashMap<>());
        }
    }

    /** Adds subscriptions. On the client's loop. */
    Added subscribe(ClientSession session, List<StoredSubscription> wanted) {
        Added added = new Added();
        for (StoredSubscription subscription : wanted) {
            // Its session is in one of the two.
            boolean isTaken = store.subscribe(subscription) || passing.subscribe(subscription);
            added.taken.add(isTaken);
            if (!isTaken) {
                continue;
            }
            boolean isNew = subscriptions.add(subscription);
            boolean isShared = Subscriptions.isShared(subscription.filter());
            identify(session, subscription);
            boolean wantsRetained = subscription.retainHandling() == SEND_RETAINED
                    || (subscription.retainHandling() == SEND_RETAINED_IF_NEW && isNew);
            if (wantsRetained && !isShared) {
                added.wantRetained.put(subscription.filter(), subscription);
            } else {
                // Named again, it is not new any more: what it got by then comes once, as the last of equal ones says.
                added.wantRetained.replace(subscription.filter(), subscription);
            }
        }
        return added;
    }

    /** The identifier of a shared subscription goes with the messages that are for its group. */
    private static void identify(ClientSession session, StoredSubscription subscription) {
        if (!Subscriptions.isShared(subscription.filter())) {
            session.setIdentifier(subscription.filter(), subscription.identifier());
        }
    }

    /** The retained messages for a new subscription (section 3.8.3.1). */
    RetainedDelivery retained(StoredSubscription to) {
        return new RetainedDelivery(store, to);
    }

    boolean unsubscribe(String clientId, String filter) {
        ClientSession session = sessions.get(clientId);
        if (session != null) {
            session.setIdentifier(filter, OptionalInt.empty());
            session.endRetained(filter);
        }
        store.unsubscribe(clientId, filter);
        passing.unsubscribe(clientId, filter);
        return subscriptions.remove(clientId, filter);
    }

    private static ClientSession.Terms terms(MqttConnectMessage connect) {
        boolean mqtt5 = connect.variableHeader().version() == MqttVersion.MQTT_5.protocolLevel();
        MqttProperties properties = connect.variableHeader().properties();
        long receiveMaximum =
                Packets.number(properties, MqttPropertyType.RECEIVE_MAXIMUM).orElse(MAX_IN_FLIGHT);
        return new ClientSession.Terms(
                mqtt5, (int) Math.min(receiveMaximum, MAX_IN_FLIGHT), Packets.maxPacketBytes(properties));
    }

    /**
     * A connection has closed, whether or not its client was let in; on the client's loop.
     *
     * @param newExpirySeconds the session expiry interval in DISCONNECT (section 3.14.2.2.2)
     */
    void gone(String clientId, MQTTConnection connection, Optional<String> username, OptionalLong newExpirySeconds) {
        ClientSession session = sessions.get(clientId);
        if (session == null || !session.isBoundTo(connection)) {
            return;
        }
        session.unbind();
        if (session.isKept() && newExpirySeconds.isPresent()) {
            session.expireAfter(Math.min(newExpirySeconds.getAsLong(), maxExpirySeconds));
        }
        if (session.isKept()) {
            session.offlineSince(System.nanoTime());
            store.save(new StoredSession(
                    clientId,
                    username,
                    session.getSessionData().protocolVersion().protocolLevel(),
                    session.expirySeconds(),
                    OptionalLong.of(clock.millis())));
        } else {
            end(clientId, session);
        }
    }

    private void end(String clientId, ClientSession session) {
        if (sessions.remove(clientId, session)) {
            subscriptions.removeAll(clientId);
            store.delete(clientId);
            passing.delete(clientId);
            session.cleanUp();
            ended.accept(clientId);
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        sessions.forEach((clientId, session) -> {
            if (isOver(session, now)) {
                loops.routeCommand(clientId, "expiry", () -> {
                    // Its client may have reconnected meanwhile.
                    if (isOver(session, System.nanoTime())) {
                        LOG.debug("The session of client '{}' has expired", clientId);
                        end(clientId, session);
                    }
                    return null;
                });
            }
        });
    }

    private static boolean isOver(ClientSession session, long nowNanos) {
        return session.disconnected()
                && session.expirySeconds() != StoredSession.NEVER
                && nowNanos - session.offlineSinceNanos() >= TimeUnit.SECONDS.toNanos(session.expirySeconds());
    }

    /** Ends no session: they are there when the broker starts again. */
    @Override
    public void close() {
        sweeper.shutdownNow();
        super.close();
        passing.close();
    }
}
