package io.sluice.broker.session;

import java.util.concurrent.atomic.AtomicLong;

/** The subscriptions of all clients together, of sessions that last and of those that do not. Thread-safe. */
final class AllSubscriptions {

    private final SessionLimits limits;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    AllSubscriptions(SessionLimits limits) {
        this.limits = limits;
    }

    /** Adds to the numbers of subscriptions and of their bytes; negative ones subtract. */
    void add(long more, long moreBytes) {
        count.addAndGet(more);
        bytes.addAndGet(moreBytes);
    }

    long count() {
        return count.get();
    }

    /** Whether so many more, with so many more bytes, are allowed; fewer always are. */
    boolean hasRoomFor(int more, long moreBytes) {
        return (more <= 0 || count.get() + more <= limits.allSubscriptions())
                && (moreBytes <= 0 || bytes.get() + moreBytes <= limits.allSubscriptionBytes());
    }
}
