package io.sluice.broker.session;

import java.util.EnumMap;
import java.util.Map;

/** The counts of the store. Guarded by its lock. */
final class SessionCounters {

    final Map<QueueLoss, Long> dropped = new EnumMap<>(QueueLoss.class);
    final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);
    long queuedMessages;
    long queuedBytes;
    long failures;

    SessionCounters() {
        for (QueueLoss loss : QueueLoss.values()) {
            dropped.put(loss, 0L);
        }
        for (Refusal refusal : Refusal.values()) {
            refused.put(refusal, 0L);
        }
    }

    void drop(QueueLoss reason) {
        dropped.merge(reason, 1L, Long::sum);
    }

    void refuse(Refusal reason) {
        refused.merge(reason, 1L, Long::sum);
    }
}
