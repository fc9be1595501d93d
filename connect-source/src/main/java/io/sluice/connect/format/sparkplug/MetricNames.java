package io.sluice.connect.format.sparkplug;

import io.sluice.connect.format.sparkplug.wire.Metric;
import io.sluice.connect.format.sparkplug.wire.Payload;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a birth calls the metrics that later messages refer to by aliases. Immutable. */
public final class MetricNames {

    public static final MetricNames NONE = new MetricNames(Map.of());

    /** Besides its name. */
    private static final int BYTES_OF_ALIAS = 150;

    private final Map<Long, Named> byAlias;
    private final long bytes;

    /**
     * A metric.
     *
     * @param datatype the number of its type; 0: the birth does not say it
     */
    public record Named(String name, int datatype) {}

    private MetricNames(Map<Long, Named> byAlias) {
        this.byAlias = byAlias;
        this.bytes = byAlias.values().stream()
                .mapToLong(named -> BYTES_OF_ALIAS + 2L * named.name().length())
                .sum();
    }

    public static MetricNames of(Payload birth) {
        Map<Long, Named> byAlias = new HashMap<>();
        for (Metric metric : birth.getMetricsList()) {
            if (metric.hasName() && metric.hasAlias()) {
                byAlias.put(metric.getAlias(), new Named(metric.getName(), metric.getDatatype()));
            }
        }
        return byAlias.isEmpty() ? NONE : new MetricNames(byAlias);
    }

    /** What an alias stands for; empty if the birth has not said it. */
    public Optional<Named> of(long alias) {
        return Optional.ofNullable(byAlias.get(alias));
    }

    public long bytes() {
        return bytes;
    }
}
