package io.moquette.broker;

import io.moquette.broker.subscriptions.Subscription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;

/** Those who subscribe to one filter: each for itself, or sharing it in groups. Thread-safe only for readers. */
@NullMarked
final class Subscribers {

    private final Map<String, Subscription> alone = new HashMap<>(2);

    /** The members of each group, in the order of their client identifiers. */
    private Map<String, List<Subscription>> groups = Map.of();

    /** Adds a subscription, or replaces the one that its client has in the same group, or for itself. */
    void put(Subscription subscription) {
        String group = subscription.getShareName();
        if (group.isEmpty()) {
            alone.put(subscription.getClientId(), subscription);
            return;
        }
        if (groups.isEmpty()) {
            groups = new HashMap<>(2);
        }
        List<Subscription> members = groups.computeIfAbsent(group, any -> new ArrayList<>(1));
        int at = Collections.binarySearch(members, subscription);
        if (at < 0) {
            members.add(-1 - at, subscription);
        } else {
            members.set(at, subscription);
        }
    }

    /** Removes a subscription by its client and its group. Does nothing if there is none. */
    void remove(Subscription subscription) {
        String group = subscription.getShareName();
        if (group.isEmpty()) {
            alone.remove(subscription.getClientId());
            return;
        }
        List<Subscription> members = groups.getOrDefault(group, List.of());
        int at = Collections.binarySearch(members, subscription);
        if (at >= 0) {
            members.remove(at);
        }
        if (members.isEmpty() && !groups.isEmpty()) {
            groups.remove(group);
        }
    }

    boolean isEmpty() {
        return alone.isEmpty() && groups.isEmpty();
    }

    /**
     * Hands out who gets one message: everyone who subscribes for itself, and one member of each group. A member that is away
     * would keep the message from the others, or lose it, so it is chosen only if all are.
     */
    void forOneMessage(Predicate<String> isConnected, Consumer<Subscription> action) {
        alone.values().forEach(action);
        groups.values().forEach(members -> action.accept(oneOf(members, isConnected)));
    }

    private static Subscription oneOf(List<Subscription> members, Predicate<String> isConnected) {
        int first = ThreadLocalRandom.current().nextInt(members.size());
        return IntStream.range(first, first + members.size())
                .mapToObj(i -> members.get(i % members.size()))
                .filter(member -> isConnected.test(member.getClientId()))
                .findFirst()
                .orElseGet(() -> members.get(first));
    }

    void forAll(Consumer<Subscription> action) {
        alone.values().forEach(action);
        groups.values().forEach(members -> members.forEach(action));
    }
}
