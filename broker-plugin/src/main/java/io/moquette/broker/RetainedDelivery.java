package io.moquette.broker;

import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.message.TopicFilter;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;

/**
 * The retained messages of a client's new subscription that are still to be sent, as fast as the client reads. Remembers how
 * far it has come, not the messages: there may be more than the heap can hold. Not thread-safe.
 */
@NullMarked
final class RetainedDelivery {

    /** How many topics are looked at in a turn, for the end of which other clients of the loop wait. */
    private static final int TURN = 256;

    private final SessionStore store;
    private final StoredSubscription to;
    private final TopicFilter filter;
    private String last = "";

    RetainedDelivery(SessionStore store, StoredSubscription to) {
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
