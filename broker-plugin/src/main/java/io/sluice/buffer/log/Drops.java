package io.sluice.buffer.log;

import io.sluice.buffer.record.DropReason;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What was lost since the log was opened, by reason. Thread-safe. */
public final class Drops {

    private final Map<DropReason, LongAdder> byReason = Arrays.stream(DropReason.values())
            .collect(Collectors.toUnmodifiableMap(reason -> reason, reason -> new LongAdder()));

    public void add(DropReason reason, long messages) {
        Objects.requireNonNull(byReason.get(reason)).add(messages);
    }

    public Map<DropReason, Long> counts() {
        return byReason.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, count -> count.getValue().sum()));
    }
}
