package io.sluice.remote;

import io.sluice.remote.DrainStats.Refusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts who was not let in. A peer that tries again and again is logged once for each reason. Thread-safe.
 */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** So many peers are told apart; of more, nothing is logged. */
    private static final int MAX_LOGGED = 1_000;

    private final Map<Refusal, LongAdder> counts = new EnumMap<>(Refusal.class);
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    Refusals() {
        for (Refusal reason : Refusal.values()) {
            counts.put(reason, new LongAdder());
        }
    }

    private LongAdder count(Refusal reason) {
        LongAdder count = counts.get(reason);
        if (count == null) {
            throw new IllegalStateException("every reason has a count");
        }
        return count;
    }

    /**
     * Notes that somebody was refused.
     *
     * @param who tried, in words for the log
     * @param why in words for the log
     */
    void refused(Refusal reason, String who, String why) {
        count(reason).increment();
        if (logged.size() < MAX_LOGGED && logged.add(reason + " " + who)) {
            LOG.warn("{} was refused: {}. It is counted when it tries again, and not logged", who, why);
        }
    }

    Map<Refusal, Long> counts() {
        return counts.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().sum()));
    }
}
