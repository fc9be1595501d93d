package io.moquette.broker;

import io.moquette.BrokerConstants;
import io.moquette.broker.security.AcceptAllAuthenticator;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.interception.BrokerInterceptor;
import io.moquette.persistence.MemorySessionsRepository;
import io.netty.channel.Channel;
import io.sluice.broker.session.SessionStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/**
 * Moquette without its acceptor, its stores and its protocol handlers: the checks of rights and the routing,
 * assembled over Sluice's sessions.
 *
 * <p>This class and its neighbours are in Moquette's package because they need constructors that are not public. They
 * replace what cannot be guarded from outside: the session loops, the session registry, the sessions and the tree of
 * subscriptions. The front door calls a {@link MoquetteClient} for each connection. Thread-safe.
 */
@NullMarked
public final class MoquetteParts implements AutoCloseable {

    private final LongAdder undelivered = new LongAdder();
    private final BrokerInterceptor interceptor = new BrokerInterceptor(List.of());
    private final SessionLoops loops;
    private final Subscriptions subscriptions;
    private final ClientSessions sessions;
    private final PostOffice postOffice;
    private final MQTTConnectionFactory connections;

    /** Who receives the messages of a topic, besides the buffer. */
    public enum Audience {
        /** Nobody. */
        NOBODY,
        /** Clients whose sessions end with their connections. */
        PRESENT,
        /** Also clients whose sessions outlive their connections: what they wait for must be on disk first. */
        KEPT
    }

    /**
     * Assembles the parts over the stored sessions and subscriptions.
     *
     * @param policy who may read and write which topics
     * @param maxExpirySeconds how long a session outlives its connection at most, in seconds; 0xFFFFFFFF for ever
     * @param failed is told, on a session's loop, whose command failed and why; that client must be disconnected
     * @param ended is told, on a session's loop, whose session has ended
     */
    public MoquetteParts(
            SessionStore store,
            IAuthorizatorPolicy policy,
            long maxExpirySeconds,
            BiConsumer<String, Throwable> failed,
            Consumer<String> ended) {
        Clock clock = Clock.systemUTC();
        Authorizator authorizator = new Authorizator(policy);
        loops = new SessionLoops(interceptor, failed);
        subscriptions = new Subscriptions(clientId -> this.isConnected(clientId));
        sessions = new ClientSessions(
                subscriptions, store, authorizator, loops, undelivered, failed, ended, clock, maxExpirySeconds);
        postOffice = new PostOffice(
                subscriptions,
                new NothingRetained(),
                sessions,
                new MemorySessionsRepository(),
                interceptor,
                authorizator,
                loops);
        connections = new MQTTConnectionFactory(
                new BrokerConfiguration(true, true, false, BrokerConstants.IMMEDIATE_BUFFER_FLUSH),
                new AcceptAllAuthenticator(),
                sessions,
                postOffice);
        try {
            sessions.begin();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * A new connection of a client that may come in.
     *
     * @param mayRead which topics and filters it may read, as far as the rules allow it
     */
    public MoquetteClient client(
            String clientId, Optional<String> username, Channel channel, Predicate<String> mayRead) {
        return new MoquetteClient(
                clientId, username, mayRead, connections.create(channel), postOffice, loops, sessions);
    }

    /** A number that changes whenever {@link #audience} may answer differently. */
    public int audienceVersion() {
        return subscriptions.version();
    }

    public Audience audience(String topic) {
        Set<String> clients = subscriptions.clients(topic);
        if (clients.isEmpty()) {
            return Audience.NOBODY;
        }
        return clients.stream().anyMatch(sessions::isKept) ? Audience.KEPT : Audience.PRESENT;
    }

    /** Whether a client has a session, with or without a connection. */
    public boolean hasSession(String clientId) {
        return sessions.retrieve(clientId) != null;
    }

    private boolean isConnected(String clientId) {
        ClientSession session = sessions.retrieve(clientId);
        return session != null && session.connected();
    }

    /** How many messages wait for a client, including those on their way to it. */
    public int queuedFor(String clientId) {
        ClientSession session = sessions.retrieve(clientId);
        return session == null ? 0 : session.queued();
    }

    /** The user who has made a client's session; empty if there is no session, or it has no owner. */
    public Optional<String> owner(String clientId) {
        ClientSession session = sessions.retrieve(clientId);
        return session == null ? Optional.empty() : session.username();
    }

    /** How many sessions there are, with and without a connection. */
    public int sessionCount() {
        return sessions.count();
    }

    /** How many messages were not delivered because a subscriber did not read, or accepts no packet of that size. */
    public long undelivered() {
        return undelivered.sum();
    }

    /** Ends the threads. Sessions stay as they are. */
    @Override
    public void close() {
        try {
            postOffice.terminate();
        } finally {
            try {
                sessions.close();
            } finally {
                interceptor.stop();
            }
        }
    }
}
