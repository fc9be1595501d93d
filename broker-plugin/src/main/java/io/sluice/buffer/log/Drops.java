package io.sluice.buffer.log;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was lost since the log was opened, by reason. Thread-safe. */
public final class Drops {

    private final Map<DropReason, LongAdder> byReason = new EnumMap<>(DropReason.class);

    public Drops() {
        for (DropReason reason : DropReason.values()) {
            byReason.put(reason, new LongAdder());
        }
    }

    /** Counts messages, or positions. */
    public void add(DropReason reason, long messages) {
        LongAdder adder = byReason.get(reason);
        if (adder != null) {
            adder.add(messages);
        }
    }

    /** The counts. A copy. */
    public Map<DropReason, Long> counts() {
        Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
        byReason.forEach((reason, adder) -> counts.put(reason, adder.sum()));
        return Collections.unmodifiableMap(counts);
    }
}
