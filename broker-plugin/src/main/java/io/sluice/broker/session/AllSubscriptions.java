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

    /** There are so many more, or fewer, which hold so many bytes. */
    void add(long more, long moreBytes) {
        count.addAndGet(more);
        bytes.addAndGet(moreBytes);
    }

    long count() {
        return count.get();
    }

    /** Whether there may be so many more; those that hold no more than before always may. */
    boolean hasRoomFor(int more, long moreBytes) {
        return (more <= 0 || count.get() + more <= limits.allSubscriptions())
                && (moreBytes <= 0 || bytes.get() + moreBytes <= limits.allSubscriptionBytes());
    }
}
