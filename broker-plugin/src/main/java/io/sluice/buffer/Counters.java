package io.sluice.buffer;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What has happened since the buffer was opened. Thread-safe. */
final class Counters {

    final LongAdder appended = new LongAdder();
    final LongAdder appendedBytes = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder groups = new LongAdder();
    final GroupTimes groupTimes = new GroupTimes(System::nanoTime);
    private final Map<DropReason, LongAdder> dropped;

    Counters() {
        Map<DropReason, LongAdder> byReason = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            byReason.put(reason, new LongAdder());
        }
        dropped = Collections.unmodifiableMap(byReason);
    }

    void drop(DropReason reason, long messages) {
        LongAdder adder = dropped.get(reason);
        if (adder != null) {
            adder.add(messages);
        }
    }

    Map<DropReason, Long> dropped() {
        Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
        dropped.forEach((reason, adder) -> counts.put(reason, adder.sum()));
        return counts;
    }
}
