package io.moquette.broker;

import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.sluice.broker.packet.OutgoingPublish;
import io.sluice.broker.session.QueuedPublish;
import io.sluice.broker.session.SessionQueue;
import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.message.Qos;
import io.sluice.message.TopicFilterTree;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Delivers messages to one client, across all of its connections.
 *
 * <p>Every message of QoS 1 and 2 goes through the session's queue and stays there until the client has acknowledged
 * it; so the broker sends again, in order, what was in flight when a connection or the broker ended. No more is in
 * flight than the client's Receive Maximum ([MQTT-3.3.4-9]), and nothing is written to a client that does not read.
 * Replaces how Moquette's session delivers: Moquette repeats messages by a timer, in the order of a hash map, and stops
 * for good at the first one that has expired.
 *
 * <p>Belongs to the session's loop, except where a method says otherwise.
 */
@NullMarked
final class ClientSession extends Session {

    private static final int MAX_PACKET_ID = 65_535;

    private final SessionQueue queue;
    private final InstantSource clock;
    private final PublishCopies copies;
    private final Authorizator authorizator;
    private final LongAdder undelivered;
    private final BiConsumer<String, Throwable> failed;
    private final Map<Integer, InFlight> inFlight = new LinkedHashMap<>();
    private final Deque<InFlight> toSendAgain = new ArrayDeque<>();
    private final TopicFilterTree<Integer> identifiers = new TopicFilterTree<>();

    /** By filter, the one whose turn it is first. */
    private final Map<String, RetainedDelivery> retainedToSend = new LinkedHashMap<>();

    private boolean isSendingRetained;
    private @Nullable MQTTConnection connection;
    private Terms terms = Terms.NONE;
    private volatile @Nullable String username;
    private Predicate<String> mayRead = topic -> true;
    private int lastPacketId = ThreadLocalRandom.current().nextInt(MAX_PACKET_ID);
    private int outstanding;
    private volatile long expirySeconds;
    private volatile long offlineSinceNanos;

    /**
     * What the client asked for in CONNECT.
     *
     * @param receiveMaximum how many messages of QoS 1 and 2 may be in flight
     * @param maxPacketBytes the largest packet that it takes
     */
    record Terms(boolean mqtt5, int receiveMaximum, long maxPacketBytes) {
        static final Terms NONE = new Terms(false, 1, Long.MAX_VALUE);
    }

    private static final class InFlight {
        private final int packetId;
        private final QueuedPublish publish;
        private boolean isReleased;
        private boolean countsNow;

        private InFlight(int packetId, QueuedPublish publish) {
            this.packetId = packetId;
            this.publish = publish;
        }
    }

    /**
     * A session that has no connection yet.
     *
     * @param queue holds the messages that wait and those in flight
     * @param copies turns network packets into messages that can be kept
     * @param authorizator says what the client may read
     * @param undelivered counts QoS 0 messages that are dropped because the client does not read, and messages that are
     *     too large for it
     * @param failed is told of a message that could not be delivered for an unforeseen reason
     */
    ClientSession(
            ISessionsRepository.SessionData data,
            boolean clean,
            SessionQueue queue,
            PublishCopies copies,
            Authorizator authorizator,
            LongAdder undelivered,
            BiConsumer<String, Throwable> failed,
            InstantSource clock) {
        super(data, clean, new InMemoryQueue());
        this.queue = queue;
        this.copies = copies;
        this.authorizator = authorizator;
        this.undelivered = undelivered;
        this.failed = failed;
        this.clock = clock;
    }

    /** How long the session outlives its connection, in seconds; 0xFFFFFFFF for ever. Thread-safe. */
    long expirySeconds() {
        return expirySeconds;
    }

    void expireAfter(long seconds) {
        expirySeconds = seconds;
    }

    /** How many messages wait for the client, including those on their way to it. Thread-safe. */
    int queued() {
        return queue.size();
    }

    /** Whether the session outlives its connection. Thread-safe. */
    boolean isKept() {
        return expirySeconds > 0;
    }

    /** Since when it has had no connection, by {@link System#nanoTime}. Thread-safe. */
    long offlineSinceNanos() {
        return offlineSinceNanos;
    }

    void offlineSince(long nanos) {
        offlineSinceNanos = nanos;
    }

    /** The user name with which the client connected last, if it gave one. Thread-safe. */
    Optional<String> username() {
        return Optional.ofNullable(username);
    }

    void belongsTo(@Nullable String user) {
        username = user;
    }

    /** @param topics limits what the client may read, in addition to the rules */
    void accept(Terms accepted, Predicate<String> topics) {
        terms = accepted;
        mayRead = topics;
    }

    @Override
    void bind(MQTTConnection bound) {
        super.bind(bound);
        connection = bound;
    }

    /** The connection has closed. */
    void unbind() {
        connection = null;
        assignState(SessionStatus.CONNECTED, SessionStatus.DISCONNECTED);
        assignState(SessionStatus.CONNECTING, SessionStatus.DISCONNECTED);
        toSendAgain.clear();
        retainedToSend.clear();
        isSendingRetained = false;
        outstanding = 0;
    }

    @Override
    boolean isBoundTo(@Nullable MQTTConnection other) {
        return connection == other;
    }

    /** The client's identifier for a subscription (section 3.8.2.1.2); empty if it gave none, or has unsubscribed. */
    void setIdentifier(String filter, OptionalInt identifier) {
        identifiers.remove(filter);
        identifier.ifPresent(number -> identifiers.getOrMake(filter, () -> number));
    }

    @Override
    void sendPublishOnSessionAtQos(PublishedMessage message) {
        try {
            deliver(
                    copies.of(message),
                    Qos.ofLevel(message.publishingQos.value()),
                    message.retained,
                    identifiersOf(message));
        } catch (RuntimeException | Error e) {
            // Moquette delivers to several sessions in one command: the others are to have it.
            failed.accept(getClientID(), e);
        }
    }

    /** Queues some retained messages of QoS 1 and 2 for a new subscription; returns whether there may be more. */
    boolean queueRetained(RetainedDelivery some) {
        return some.to().qos() > 0
                && some.turn(() -> true, publish -> {
                    if (isQueued(publish, some.to())) {
                        Qos qos = Qos.ofLevel(
                                Math.min(publish.qos().level(), some.to().qos()));
                        deliver(publish, qos, true, identifier(some.to()));
                    }
                });
    }

    /**
     * Sends the retained messages of a new subscription that go at QoS 0, as fast as the client reads.
     *
     * @return whether {@link #sendRetained()} is to be called
     */
    boolean sendRetained(RetainedDelivery all) {
        retainedToSend.put(all.to().filter(), all);
        return !isSendingRetained && sendRetained();
    }

    /** Sends some of those that wait; returns whether it is to be called again when others have had their turn. */
    boolean sendRetained() {
        MQTTConnection to = connection;
        isSendingRetained = false;
        if (to != null && connected() && !retainedToSend.isEmpty()) {
            RetainedDelivery first = retainedToSend.values().iterator().next();
            boolean isOver = !first.turn(to.channel::isWritable, publish -> {
                if (!isQueued(publish, first.to()) && mayRead(publish)) {
                    sendAtMostOnce(to, publish, true, identifier(first.to()));
                }
            });
            to.flush();
            if (isOver) {
                endRetained(first.to().filter());
            }
            isSendingRetained = !retainedToSend.isEmpty() && to.channel.isWritable();
        }
        return isSendingRetained;
    }

    void endRetained(String filter) {
        retainedToSend.remove(filter);
    }

    private static boolean isQueued(StoredPublish publish, StoredSubscription to) {
        return to.qos() > 0 && publish.qos() != Qos.AT_MOST_ONCE;
    }

    private static List<Integer> identifier(StoredSubscription of) {
        return of.identifier().stream().boxed().toList();
    }

    private void deliver(StoredPublish publish, Qos qos, boolean retained, List<Integer> subscriptionIdentifiers) {
        // For a client that is away, this is checked when it is back: its rights may depend on how it logs in.
        if (connection != null && !mayRead(publish)) {
            return;
        }
        if (qos != Qos.AT_MOST_ONCE) {
            queue.add(publish, qos, retained, subscriptionIdentifiers);
            pump();
        } else if (connection != null && connected()) {
            if (connection.channel.isWritable()) {
                sendAtMostOnce(connection, publish, retained, subscriptionIdentifiers);
                connection.flush();
            } else {
                undelivered.increment();
            }
        }
    }

    private void sendAtMostOnce(
            MQTTConnection to, StoredPublish publish, boolean retained, List<Integer> subscriptionIdentifiers) {
        if (fits(publish, subscriptionIdentifiers)) {
            write(
                    to,
                    new QueuedPublish(publish, Qos.AT_MOST_ONCE, retained, subscriptionIdentifiers, false, 0),
                    0,
                    false);
        } else {
            undelivered.increment();
        }
    }

    /** The identifiers of all matching subscriptions ([MQTT-3.3.4-4]); Moquette names only one. */
    private List<Integer> identifiersOf(PublishedMessage message) {
        Set<Integer> all = new TreeSet<>();
        for (MqttProperty<?> property : message.mqttProperties) {
            if (property.propertyId() == MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value()) {
                all.add(((IntegerProperty) property).value());
            }
        }
        if (!identifiers.isEmpty()) {
            identifiers.forEachMatch(message.topic.toString(), all::add);
        }
        return List.copyOf(all);
    }

    /** Sends what the client can take: first what it was sent before and has not acknowledged, then what waits. */
    private void pump() {
        MQTTConnection to = connection;
        if (to == null || !connected()) {
            return;
        }
        boolean wrote = false;
        while (outstanding < terms.receiveMaximum && to.channel.isWritable()) {
            InFlight again = toSendAgain.poll();
            Optional<QueuedPublish> waiting = again == null ? queue.take() : Optional.of(again.publish);
            if (waiting.isEmpty()) {
                break;
            }
            InFlight next = again == null ? new InFlight(nextPacketId(), waiting.get()) : again;
            if (next.isReleased) {
                to.channel.write(OutgoingPublish.pubrel(next.packetId, true, terms.mqtt5));
            } else if (mayBeSent(next.publish)) {
                inFlight.put(next.packetId, next);
                write(to, next.publish, next.packetId, again != null || next.publish.duplicate());
            } else {
                inFlight.remove(next.packetId);
                queue.remove(next.publish);
                continue;
            }
            next.countsNow = true;
            outstanding++;
            wrote = true;
        }
        if (wrote) {
            to.flush();
        }
    }

    private void write(MQTTConnection to, QueuedPublish sent, int packetId, boolean again) {
        StoredPublish publish = sent.publish();
        to.channel.write(OutgoingPublish.publish(
                publish.topic(),
                sent.qos(),
                packetId,
                sent.retained(),
                again,
                terms.mqtt5
                        ? OutgoingPublish.properties(
                                publish.properties(), sent.subscriptionIdentifiers(), secondsLeft(publish))
                        : MqttProperties.NO_PROPERTIES,
                publish.payload()));
    }

    /** How much of a message's expiry interval is left, in seconds ([MQTT-3.3.2-6]). */
    private long secondsLeft(StoredPublish publish) {
        OptionalLong expiresAtMs = publish.expiresAtMs();
        return expiresAtMs.isEmpty()
                ? 0
                : Math.max(1, -Math.floorDiv(clock.millis() - expiresAtMs.getAsLong(), 1_000L));
    }

    /** A subscription may be wider than what its client may read. */
    private boolean mayRead(StoredPublish publish) {
        return mayRead.test(publish.topic())
                && authorizator.canRead(new Topic(publish.topic()), username, getClientID());
    }

    /** What a client may read and takes may be less when it is back. */
    private boolean mayBeSent(QueuedPublish queued) {
        boolean mayRead = mayRead(queued.publish());
        boolean fits = fits(queued.publish(), queued.subscriptionIdentifiers());
        if (mayRead && !fits) {
            undelivered.increment();
        }
        return mayRead && fits;
    }

    /** Whether a message may be sent to the client ([MQTT-3.1.2-24]); if not, it is as if it had been ([MQTT-3.1.2-25]). */
    private boolean fits(StoredPublish publish, List<Integer> subscriptionIdentifiers) {
        return terms.maxPacketBytes == Long.MAX_VALUE
                || OutgoingPublish.bytes(
                                publish.topic(),
                                publish.properties(),
                                subscriptionIdentifiers,
                                publish.payload().remaining())
                        <= terms.maxPacketBytes;
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId % MAX_PACKET_ID + 1;
        } while (inFlight.containsKey(lastPacketId));
        return lastPacketId;
    }

    @Override
    void pubAckReceived(int packetId) {
        InFlight acknowledged = inFlight.get(packetId);
        if (acknowledged != null && acknowledged.publish.qos() == Qos.AT_LEAST_ONCE) {
            forget(acknowledged);
            queue.remove(acknowledged.publish);
        }
        pump();
    }

    /** @param refused whether the reason code of PUBREC is one of failure (section 4.3.3) */
    void received(int packetId, boolean refused) {
        InFlight received = inFlight.get(packetId);
        boolean isKnown = received != null && received.publish.qos() == Qos.EXACTLY_ONCE;
        if (received != null && isKnown) {
            queue.remove(received.publish);
            received.isReleased = true;
            if (refused) {
                forget(received);
            }
        }
        if (!refused && connection != null) {
            connection.channel.writeAndFlush(OutgoingPublish.pubrel(packetId, isKnown, terms.mqtt5));
        }
        pump();
    }

    @Override
    public void processPubComp(int packetId) {
        InFlight completed = inFlight.get(packetId);
        if (completed != null && completed.isReleased) {
            forget(completed);
        }
        pump();
    }

    private void forget(InFlight done) {
        inFlight.remove(done.packetId);
        toSendAgain.remove(done);
        if (done.countsNow) {
            outstanding--;
        }
    }

    /** The client is back ([MQTT-4.4.0-1]): what it has not acknowledged is sent again, in order. */
    @Override
    public void reconnectSession() {
        toSendAgain.clear();
        inFlight.values().forEach(sent -> sent.countsNow = false);
        toSendAgain.addAll(inFlight.values());
        outstanding = 0;
        pump();
    }

    /** The client reads again; returns whether {@link #sendRetained()} is to be called. */
    boolean sendOn() {
        pump();
        return !isSendingRetained && sendRetained();
    }

    @Override
    public void cleanUp() {
        inFlight.clear();
        toSendAgain.clear();
        retainedToSend.clear();
        super.cleanUp();
    }
}
