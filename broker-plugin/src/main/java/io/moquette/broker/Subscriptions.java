package io.moquette.broker;

import io.moquette.broker.subscriptions.CTrieSubscriptionDirectory;
import io.moquette.broker.subscriptions.ISubscriptionsDirectory;
import io.moquette.broker.subscriptions.ShareName;
import io.moquette.broker.subscriptions.SharedSubscription;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.SubscriptionIdentifier;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.sluice.broker.session.StoredSubscription;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;

/**
 * The subscriptions of all clients: Moquette's tree of filters, behind a lock, with an index by client.
 *
 * <p>Moquette changes the members of a shared subscription while other threads pick one of them. It keeps the higher
 * QoS when a client subscribes again to ask for a lower one ([MQTT-3.8.4-3]), and cannot tell whether a subscription is
 * new (section 3.8.3.1, retain handling 1). The lock and the index correct this. Thread-safe.
 */
@NullMarked
final class Subscriptions implements ISubscriptionsDirectory {

    private static final String SHARED = "$share/";

    private final CTrieSubscriptionDirectory tree = new CTrieSubscriptionDirectory();
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, Map<String, StoredSubscription>> byClient = new HashMap<>();
    private final AtomicInteger version = new AtomicInteger();

    Subscriptions() {
        tree.init(new NotStored());
    }

    @Override
    public void init(ISubscriptionsRepository repository) {
        // The tree exists already; restoring a session adds its subscriptions.
    }

    /** A number that changes whenever a topic may have other subscribers. */
    int version() {
        return version.get();
    }

    @Override
    public List<Subscription> matchWithoutQosSharpening(Topic topic) {
        return reading(() -> tree.matchWithoutQosSharpening(topic));
    }

    @Override
    public List<Subscription> matchQosSharpening(Topic topic) {
        return reading(() -> tree.matchQosSharpening(topic));
    }

    @Override
    public boolean add(String clientId, Topic filter, MqttSubscriptionOption option) {
        return add(stored(clientId, filter.toString(), option, OptionalInt.empty()));
    }

    @Override
    public boolean add(String clientId, Topic filter, MqttSubscriptionOption option, SubscriptionIdentifier id) {
        return add(stored(clientId, filter.toString(), option, OptionalInt.of(id.value())));
    }

    @Override
    public void addShared(String clientId, ShareName name, Topic filter, MqttSubscriptionOption option) {
        add(stored(clientId, shared(name, filter), option, OptionalInt.empty()));
    }

    @Override
    public void addShared(
            String clientId, ShareName name, Topic filter, MqttSubscriptionOption option, SubscriptionIdentifier id) {
        add(stored(clientId, shared(name, filter), option, OptionalInt.of(id.value())));
    }

    /** Adds a subscription, or replaces the client's one to the same filter; returns whether it is new. */
    boolean add(StoredSubscription subscription) {
        lock.writeLock().lock();
        try {
            StoredSubscription former = byClient.computeIfAbsent(subscription.clientId(), id -> new HashMap<>())
                    .put(subscription.filter(), subscription);
            if (former != null) {
                removeFromTree(former.clientId(), former.filter());
            }
            addToTree(subscription);
            version.incrementAndGet();
            return former == null;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void addToTree(StoredSubscription subscription) {
        String clientId = subscription.clientId();
        MqttSubscriptionOption option = option(subscription);
        Topic filter = treeFilter(subscription.filter());
        if (isShared(subscription.filter())) {
            ShareName name = shareName(subscription.filter());
            if (subscription.identifier().isPresent()) {
                tree.addShared(clientId, name, filter, option, identifier(subscription));
            } else {
                tree.addShared(clientId, name, filter, option);
            }
        } else if (subscription.identifier().isPresent()) {
            tree.add(clientId, filter, option, identifier(subscription));
        } else {
            tree.add(clientId, filter, option);
        }
    }

    private void removeFromTree(String clientId, String filter) {
        if (isShared(filter)) {
            tree.removeSharedSubscription(shareName(filter), treeFilter(filter), clientId);
        } else {
            tree.removeSubscription(treeFilter(filter), clientId);
        }
    }

    @Override
    public void removeSubscription(Topic filter, String clientId) {
        remove(clientId, filter.toString());
    }

    @Override
    public void removeSharedSubscription(ShareName name, Topic filter, String clientId) {
        remove(clientId, shared(name, filter));
    }

    /** Ends a subscription, if the client has it. */
    boolean remove(String clientId, String filter) {
        lock.writeLock().lock();
        try {
            Map<String, StoredSubscription> filters = byClient.getOrDefault(clientId, Map.of());
            if (!filters.containsKey(filter)) {
                return false;
            }
            filters.remove(filter);
            if (filters.isEmpty()) {
                byClient.remove(clientId);
            }
            removeFromTree(clientId, filter);
            version.incrementAndGet();
            return true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Ends all subscriptions of a client. */
    void removeAll(String clientId) {
        of(clientId).forEach(subscription -> remove(clientId, subscription.filter()));
    }

    @Override
    public void removeSharedSubscriptionsForClient(String clientId) {
        of(clientId).stream()
                .filter(subscription -> isShared(subscription.filter()))
                .forEach(subscription -> remove(clientId, subscription.filter()));
    }

    /** The subscriptions of a client. */
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
        return reading(tree::dumpTree);
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

    private static String shared(ShareName name, Topic filter) {
        return SHARED + name.getShareName() + "/" + filter;
    }

    private static ShareName shareName(String filter) {
        return new ShareName(SharedSubscriptionUtils.extractShareName(filter));
    }

    /** A filter without the name of a share. */
    static Topic treeFilter(String filter) {
        return Topic.asTopic(isShared(filter) ? SharedSubscriptionUtils.extractFilterFromShared(filter) : filter);
    }

    private static SubscriptionIdentifier identifier(StoredSubscription subscription) {
        return new SubscriptionIdentifier(subscription.identifier().orElseThrow());
    }

    private static StoredSubscription stored(
            String clientId, String filter, MqttSubscriptionOption option, OptionalInt identifier) {
        return new StoredSubscription(
                clientId,
                filter,
                option.qos().value(),
                option.isNoLocal(),
                option.isRetainAsPublished(),
                option.retainHandling().value(),
                identifier);
    }

    private static MqttSubscriptionOption option(StoredSubscription subscription) {
        return new MqttSubscriptionOption(
                MqttQoS.valueOf(subscription.qos()),
                subscription.noLocal(),
                subscription.retainAsPublished(),
                RetainedHandlingPolicy.valueOf(subscription.retainHandling()));
    }

    /** The tree need not store anything: this class does. */
    private static final class NotStored implements ISubscriptionsRepository {

        @Override
        public Set<Subscription> listAllSubscriptions() {
            return Set.of();
        }

        @Override
        public void addNewSubscription(Subscription subscription) {}

        @Override
        public void removeSubscription(String filter, String clientId) {}

        @Override
        public void removeAllSharedSubscriptions(String clientId) {}

        @Override
        public void removeSharedSubscription(String clientId, ShareName share, Topic filter) {}

        @Override
        public void addNewSharedSubscription(
                String clientId, ShareName share, Topic filter, MqttSubscriptionOption option) {}

        @Override
        public void addNewSharedSubscription(
                String clientId,
                ShareName share,
                Topic filter,
                MqttSubscriptionOption option,
                SubscriptionIdentifier identifier) {}

        @Override
        public Collection<SharedSubscription> listAllSharedSubscription() {
            return List.of();
        }
    }
}
