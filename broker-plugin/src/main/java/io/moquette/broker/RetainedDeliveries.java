package io.moquette.broker;

import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.message.TopicFilter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;

/**
 * The retained messages of one client's new subscriptions that are still to be sent, as fast as the client reads. Remembers how
 * far each has come, not the messages: there may be more than the heap can hold. Not thread-safe.
 */
@NullMarked
final class RetainedDeliveries {

    /** How many topics are looked at in a turn, for the end of which other clients of the loop wait. */
    private static final int TURN = 256;

    private final Map<String, Delivery> byFilter = new LinkedHashMap<>();

    /** Those of one subscription. */
    static final class Delivery {
        private final SessionStore store;
        private final StoredSubscription to;
        private final TopicFilter filter;
        private String last = "";

        Delivery(SessionStore store, StoredSubscription to) {
            this.store = store;
            this.to = to;
            this.filter = TopicFilter.of(to.filter());
        }

        StoredSubscription to() {
            return to;
        }

        /** Hands out some of them, in the order of their topics; returns whether there may be more. */
        boolean turn(BooleanSupplier goesOn, Consumer<StoredPublish> action) {
            Iterator<String> topics = store.retainedTopics(filter, last).iterator();
            for (int looked = 0; looked < TURN && goesOn.getAsBoolean() && topics.hasNext(); looked++) {
                last = topics.next();
                if (filter.matches(last)) {
                    store.retained(last).ifPresent(action);
                }
            }
            return topics.hasNext();
        }
    }

    void add(Delivery delivery) {
        byFilter.put(delivery.to.filter(), delivery);
    }

    void end(String filter) {
        byFilter.remove(filter);
    }

    void clear() {
        byFilter.clear();
    }

    /** The one whose turn it is; only if there {@link #isEmpty is one}. */
    Delivery first() {
        return byFilter.values().iterator().next();
    }

    boolean isEmpty() {
        return byFilter.isEmpty();
    }
}
