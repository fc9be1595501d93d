package io.sluice.broker.server;

import io.sluice.remote.DrainStats;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.status.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The metrics of a standalone broker about the workers that drain it. Names are public: dashboards depend on them. */
final class DrainMetrics {

    static final String ATTACHED = "drain-attached-tasks";
    static final String ATTACHED_DESCRIPTION = "Tasks of workers on other machines that are attached now";
    static final String SENT_BYTES = "drain-sent-bytes-total";
    static final String SENT_BYTES_DESCRIPTION = "Bytes of records handed to their connections";
    static final String REFUSED = "drain-refused-total";
    static final String REFUSED_DESCRIPTION = "Who was not let in to drain the buffer, by reason";

    private static final String PREFIX = "sluice-";

    private DrainMetrics() {}

    /** How many workers were not let in, by reason in lower case; all reasons are there. */
    static Map<String, Long> refused(DrainStats stats) {
        Map<String, Long> byReason = new TreeMap<>();
        for (Refusal reason : Refusal.values()) {
            byReason.put(reason.name().toLowerCase(Locale.ROOT), stats.refused().getOrDefault(reason, 0L));
        }
        return byReason;
    }

    static List<Sample> samples(String broker, DrainStats stats) {
        Map<String, String> label = Map.of("broker", broker);
        List<Sample> samples = new ArrayList<>();
        samples.add(new Sample(PREFIX + ATTACHED, ATTACHED_DESCRIPTION, label, stats.attached()));
        samples.add(new Sample(PREFIX + SENT_BYTES, SENT_BYTES_DESCRIPTION, label, stats.sentBytes()));
        refused(stats).forEach((reason, count) -> {
            Map<String, String> labels = new LinkedHashMap<>(label);
            labels.put("reason", reason);
            samples.add(new Sample(PREFIX + REFUSED, REFUSED_DESCRIPTION, labels, count));
        });
        return samples;
    }
}
