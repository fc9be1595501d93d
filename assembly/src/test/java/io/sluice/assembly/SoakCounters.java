package io.sluice.assembly;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What processes count of what they did, over all their lives: a count that has fallen began anew. What was counted between
 * the last look and a kill is not in it.
 */
final class SoakCounters {

    private static final Pattern LINE = Pattern.compile("(?m)^(sluice_\\w+)(\\{[^}]*})? ([0-9.E+]+)$");
    private static final Set<String> WANTED = Set.of(
            "sluice_captured_messages_total",
            "sluice_refused_publishes_total",
            "sluice_dropped_messages_total",
            "sluice_rejected_messages_total",
            "sluice_delivered_records_total",
            "sluice_filtered_records_total",
            "sluice_dead_letters_total",
            "sluice_skipped_messages_total",
            "sluice_unknown_aliases_total",
            "sluice_lost_positions_total");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Integer> ports;
    private final Map<String, Count> counts = new TreeMap<>();

    private record Count(double before, double last) {

        Count then(double now) {
            return now < last ? new Count(before + last, now) : new Count(before, now);
        }

        long all() {
            return Math.round(before + last);
        }
    }

    /** @param ports where each process serves its status */
    SoakCounters(Map<String, Integer> ports) {
        this.ports = ports;
    }

    /** Looks at all processes that answer. */
    synchronized void look() {
        ports.forEach((process, port) -> {
            try {
                Matcher line = LINE.matcher(metrics(port));
                while (line.find()) {
                    if (WANTED.contains(line.group(1))) {
                        String labels = line.group(2) == null ? "" : line.group(2);
                        counts.merge(
                                process + " " + line.group(1) + labels,
                                new Count(0, Double.parseDouble(line.group(3))),
                                (count, now) -> count.then(now.last()));
                    }
                }
            } catch (IOException away) {
                // it was killed, or has no task
            }
        });
    }

    /** The value of a metric of a process; absent metrics are 0. */
    double value(String process, String metric) throws IOException {
        double sum = 0;
        Matcher line = LINE.matcher(metrics(ports.get(process)));
        while (line.find()) {
            sum += line.group(1).equals(metric) ? Double.parseDouble(line.group(3)) : 0;
        }
        return sum;
    }

    /** How many tasks a process runs now. */
    synchronized int tasks(String process) {
        if (!ports.containsKey(process)) {
            return 0;
        }
        try {
            return (int) LINE.matcher(metrics(ports.get(process)))
                    .results()
                    .filter(line -> line.group(1).equals("sluice_delivered_records_total"))
                    .map(line -> line.group(2))
                    .distinct()
                    .count();
        } catch (IOException away) {
            return 0;
        }
    }

    private String metrics(int port) throws IOException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** All that was counted, by process and metric. */
    synchronized Map<String, Long> all() {
        Map<String, Long> all = new TreeMap<>();
        counts.forEach((name, count) -> all.merge(name.replaceFirst("\\{.*", ""), count.all(), Long::sum));
        return all;
    }

    /** The sum of a metric over all processes. */
    long sum(String metric) {
        return all().entrySet().stream()
                .filter(count -> count.getKey().contains(" " + metric))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
