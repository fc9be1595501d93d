package io.sluice.examples;

import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What became of a number of messages.
 *
 * @param messages how many were to be published
 * @param acknowledged how many the broker has acknowledged
 * @param arrived how many are in Kafka
 * @param duplicates how many records more than that are in Kafka
 * @param publishing from the first publish to the last acknowledgement
 * @param arriving from the first publish to the last arrival
 * @param latency from publish to arrival at a Kafka consumer, in microseconds
 */
record DeliveryReport(
        int messages,
        int acknowledged,
        int arrived,
        long duplicates,
        Duration publishing,
        Duration arriving,
        Histogram latency) {

    int missing() {
        return messages - arrived;
    }

    String text() {
        return """
                acknowledged   %,d of %,d in %s, %,.0f per second
                arrived        %,d of %,d in %s, %,.0f per second; %,d missing, %,d more than once
                end to end     p50 %.1f ms   p99 %.1f ms   max %.1f ms
                """.formatted(
                        acknowledged,
                        messages,
                        seconds(publishing),
                        acknowledged / (publishing.toNanos() / 1e9),
                        arrived,
                        messages,
                        seconds(arriving),
                        arrived / (arriving.toNanos() / 1e9),
                        missing(),
                        duplicates,
                        latency.getValueAtPercentile(50) / 1e3,
                        latency.getValueAtPercentile(99) / 1e3,
                        latency.getMaxValue() / 1e3);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
    }
}
