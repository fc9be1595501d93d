package io.moquette.broker;

import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSubscription;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The retained messages of one client's new subscriptions that are still to be sent, as fast as the client reads. Remembers how
 * far each has come, not the messages: there may be more than the heap can hold. Not thread-safe.
 */
@NullMarked
final class RetainedDeliveries {

    private final Map<String, Delivery> byFilter = new LinkedHashMap<>();

    private static final class Delivery {
        private final StoredSubscription to;
        private final Function<String, Stream<StoredPublish>> messagesAfter;
        private String last = "";

        private Delivery(StoredSubscription to, Function<String, Stream<StoredPublish>> messagesAfter) {
            this.to = to;
            this.messagesAfter = messagesAfter;
        }
    }

    /** @param messagesAfter those of the topics that come after one, in order */
    void add(StoredSubscription to, Function<String, Stream<StoredPublish>> messagesAfter) {
        byFilter.put(to.filter(), new Delivery(to, messagesAfter));
    }

    void end(String filter) {
        byFilter.remove(filter);
    }

    void clear() {
        byFilter.clear();
    }

    /** Sends what the client can take now. */
    void pump(BooleanSupplier mayWrite, BiConsumer<StoredPublish, StoredSubscription> send) {
        while (!byFilter.isEmpty() && mayWrite.getAsBoolean()) {
            Delivery next = byFilter.values().iterator().next();
            Iterator<StoredPublish> messages =
                    next.messagesAfter.apply(next.last).iterator();
            while (mayWrite.getAsBoolean() && messages.hasNext()) {
                StoredPublish publish = messages.next();
                next.last = publish.topic();
                send.accept(publish, next.to);
            }
            if (!messages.hasNext()) {
                end(next.to.filter());
            }
        }
    }
}
