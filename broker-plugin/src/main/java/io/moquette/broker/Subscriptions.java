package io.moquette.broker;

import io.moquette.broker.subscriptions.ISubscriptionsDirectory;
import io.moquette.broker.subscriptions.ShareName;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.SubscriptionIdentifier;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.message.TopicFilterTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;

/**
 * The subscriptions of all clients: a tree by filter and an index by client, behind a lock.
 *
 * <p>Replaces Moquette's tree. That forgets who shares a filter when the last client that has it for itself leaves it, never
 * shrinks, copies all neighbours of a filter to add one, and keeps the higher QoS when a client subscribes again to ask
 * for a lower one ([MQTT-3.8.4-3]). Thread-safe.
 */
@NullMarked
final class Subscriptions implements ISubscriptionsDirectory {

    private static final String SHARED = "$share/";

    private final TopicFilterTree<Subscribers> tree = new TopicFilterTree<>();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, Map<String, StoredSubscription>> byClient = new HashMap<>();
    private final AtomicInteger version = new AtomicInteger();
    private final Predicate<String> isConnected;

    /** @param isConnected whether a client is, now; asked under the lock */
    Subscriptions(Predicate<String> isConnected) {
        this.isConnected = isConnected;
    }

    @Override
    public void init(ISubscriptionsRepository repository) {
        // Restoring a session adds its subscriptions.
    }

    /** A number that changes whenever a topic may have other subscribers. */
    int version() {
        return version.get();
    }

    @Override
    public List<Subscription> matchWithoutQosSharpening(Topic topic) {
        return reading(() -> {
            List<Subscription> matching = new ArrayList<>();
            tree.forEachMatch(topic.toString(), subscribers -> subscribers.forOneMessage(isConnected, matching::add));
            return matching;
        });
    }

    /** The clients that may get a message of a topic, with all members of groups of which one gets it. */
    Set<String> clients(String topic) {
        return reading(() -> {
            Set<String> clients = new HashSet<>();
            tree.forEachMatch(topic, subscribers -> subscribers.forAll(one -> clients.add(one.getClientId())));
            return clients;
        });
    }

    /** Of a client's filters that match, the one with the highest QoS counts; and another for each group it is in. */
    @Override
    public List<Subscription> matchQosSharpening(Topic topic) {
        Map<List<String>, Subscription> best = new HashMap<>();
        for (Subscription found : matchWithoutQosSharpening(topic)) {
            best.merge(
                    List.of(found.getClientId(), found.getShareName()),
                    found,
                    (one, other) -> one.qosLessThan(other) ? other : one);
        }
        return List.copyOf(best.values());
    }

    @Override
    public boolean add(String clientId, Topic filter, MqttSubscriptionOption option) {
        throw isNotOurs();
    }

    @Override
    public boolean add(String clientId, Topic filter, MqttSubscriptionOption option, SubscriptionIdentifier id) {
        throw isNotOurs();
    }

    @Override
    public void addShared(String clientId, ShareName name, Topic filter, MqttSubscriptionOption option) {
        throw isNotOurs();
    }

    @Override
    public void addShared(
            String clientId, ShareName name, Topic filter, MqttSubscriptionOption option, SubscriptionIdentifier id) {
        throw isNotOurs();
    }

    /** Moquette subscribes clients only in its own handler of SUBSCRIBE, which no connection has. */
    private static UnsupportedOperationException isNotOurs() {
        return new UnsupportedOperationException("the front door handles SUBSCRIBE");
    }

    /** Adds a subscription, or replaces the client's one to the same filter; returns whether it is new. */
    boolean add(StoredSubscription subscription) {
        lock.writeLock().lock();
        try {
            StoredSubscription former = byClient.computeIfAbsent(subscription.clientId(), id -> new HashMap<>())
                    .put(subscription.filter(), subscription);
            tree.getOrMake(treeText(subscription.filter()), Subscribers::new).put(subscription(subscription));
            version.incrementAndGet();
            return former == null;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void removeFromTree(StoredSubscription former) {
        String filter = treeText(former.filter());
        tree.get(filter).ifPresent(subscribers -> {
            subscribers.remove(subscription(former));
            if (subscribers.isEmpty()) {
                tree.remove(filter);
            }
        });
    }

    @Override
    public void removeSubscription(Topic filter, String clientId) {
        remove(clientId, filter.toString());
    }

    @Override
    public void removeSharedSubscription(ShareName name, Topic filter, String clientId) {
        remove(clientId, SHARED + name.getShareName() + "/" + filter);
    }

    /** Ends a subscription, if the client has it. */
    boolean remove(String clientId, String filter) {
        lock.writeLock().lock();
        try {
            Map<String, StoredSubscription> filters = byClient.getOrDefault(clientId, Map.of());
            if (!filters.containsKey(filter)) {
                return false;
            }
            removeFromTree(filters.remove(filter));
            if (filters.isEmpty()) {
                byClient.remove(clientId);
            }
            version.incrementAndGet();
            return true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    void removeAll(String clientId) {
        of(clientId).forEach(subscription -> remove(clientId, subscription.filter()));
    }

    @Override
    public void removeSharedSubscriptionsForClient(String clientId) {
        of(clientId).stream()
                .filter(subscription -> isShared(subscription.filter()))
                .forEach(subscription -> remove(clientId, subscription.filter()));
    }

    List<StoredSubscription> of(String clientId) {
        return reading(
                () -> List.copyOf(byClient.getOrDefault(clientId, Map.of()).values()));
    }

    /** A client's session now outlives its connection, or no longer does, so that {@link #version} changes. */
    void sessionChanged() {
        version.incrementAndGet();
    }

    @Override
    public int size() {
        return reading(() -> byClient.values().stream().mapToInt(Map::size).sum());
    }

    @Override
    public String dumpTree() {
        return reading(() -> size() + " subscriptions in " + tree.levels() + " levels");
    }

    private <T> T reading(Supplier<T> question) {
        lock.readLock().lock();
        try {
            return question.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    static boolean isShared(String filter) {
        return filter.startsWith(SHARED);
    }

    /** A filter without the name of a share. */
    static Topic treeFilter(String filter) {
        return Topic.asTopic(treeText(filter));
    }

    private static String treeText(String filter) {
        return isShared(filter) ? SharedSubscriptionUtils.extractFilterFromShared(filter) : filter;
    }

    /** As Moquette's routing sees it. */
    private static Subscription subscription(StoredSubscription stored) {
        String filter = stored.filter();
        String share = isShared(filter) ? SharedSubscriptionUtils.extractShareName(filter) : "";
        return stored.identifier().isPresent()
                ? new Subscription(
                        stored.clientId(),
                        treeFilter(filter),
                        option(stored),
                        share,
                        new SubscriptionIdentifier(stored.identifier().getAsInt()))
                : new Subscription(stored.clientId(), treeFilter(filter), option(stored), share);
    }

    private static MqttSubscriptionOption option(StoredSubscription subscription) {
        return new MqttSubscriptionOption(
                MqttQoS.valueOf(subscription.qos()),
                subscription.noLocal(),
                subscription.retainAsPublished(),
                RetainedHandlingPolicy.valueOf(subscription.retainHandling()));
    }
}
