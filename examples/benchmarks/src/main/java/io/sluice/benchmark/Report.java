package io.sluice.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** Gathers what was measured, and writes it as Markdown with charts beside it. Not thread-safe. */
final class Report {

    static final String PRODUCER = "Kafka producer alone";
    static final String READY_MADE = "Kafka Connect with ready-made records";
    static final String LOCAL_DRAIN = "Sluice, a backlog in the worker's broker";
    static final String REMOTE_DRAIN = "Sluice, a backlog in a broker outside";

    private static final String WITHOUT_KAFKA = "Sluice, a backlog after Kafka was away";

    private final Map<String, List<Outcome>> sections = new LinkedHashMap<>();
    private final Map<String, List<Double>> limits = new LinkedHashMap<>();
    private final Map<String, List<String>> facts = new LinkedHashMap<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<Histogram> kafkaLatency = new ArrayList<>();
    private final List<Histogram> groupCommit = new ArrayList<>();

    /** The turns of one contender at one load. */
    private record Turns(String contender, Load load, List<Outcome> outcomes) {

        double median(ToDoubleFunction<Outcome> figure) {
            return Report.median(outcomes.stream().mapToDouble(figure).toArray());
        }

        int sum(ToDoubleFunction<Outcome> figure) {
            return (int) outcomes.stream().mapToDouble(figure).sum();
        }
    }

    void add(String section, Outcome outcome) {
        sections.computeIfAbsent(section, any -> new ArrayList<>()).add(outcome);
    }

    void limit(String name, double perSecond) {
        limits.computeIfAbsent(name, any -> new ArrayList<>()).add(perSecond);
    }

    void backlog(Backlogs.Drained drained) {
        limit(WITHOUT_KAFKA, drained.perSecond());
        fact(
                "Backlog",
                String.format(
                        Locale.ROOT,
                        "%,d messages were acknowledged at %,.0f a second while Kafka was away; %,d of them arrived when"
                                + " it was back, at %,.0f a second, %,d twice, %,d out of order.",
                        drained.published().acknowledged(),
                        drained.published().perSecond(),
                        drained.tally().arrived(),
                        drained.perSecond(),
                        drained.tally().twice(),
                        drained.tally().outOfOrder()));
    }

    /** Says something in a separate section. */
    void fact(String section, String sentence) {
        facts.computeIfAbsent(section, any -> new ArrayList<>()).add(sentence);
    }

    void latencyOfKafka(Histogram nanos) {
        kafkaLatency.add(nanos);
    }

    void groupCommit(Histogram nanos) {
        groupCommit.add(nanos);
    }

    /** A figure that was measured beside a target that does not compare contenders. */
    void target(Target target) {
        targets.add(target);
    }

    private List<Target> targets() {
        List<Target> all = new ArrayList<>();
        for (int connections : new int[] {16, 50}) {
            String load = ", QoS 1, " + connections + " connections";
            double interceptor = rate("Throughput", "Moquette + interceptor", connections, 1);
            double sluice = rate("Throughput", "Sluice", connections, 1);
            double ingestion = rate("Throughput", "Sluice, no fan-out", connections, 1);
            double subscriber = rate("Throughput", Suite.SUBSCRIBER, connections, 1);
            all.add(Target.atLeast("Sluice to Moquette + interceptor" + load, sluice / interceptor, 1.0));
            all.add(Target.atLeast(
                    "Sluice without fan-out to Moquette + interceptor" + load, ingestion / interceptor, 1.5));
            all.add(Target.atLeast("Sluice to a Paho source connector" + load, sluice / subscriber, 3.0));
        }
        String steady = sections.keySet().stream()
                .filter(section -> section.startsWith("Latency"))
                .findFirst()
                .orElse("");
        all.add(Target.atMost(
                "PUBACK p99 at a steady rate, ms: twice Moquette alone and a group commit",
                figure(steady, "Sluice", outcome -> ack(outcome, 99)) / 1e6,
                2 * figure(steady, "Moquette alone, no Kafka", outcome -> ack(outcome, 99)) / 1e6
                        + percentile(groupCommit, 99)));
        all.add(Target.atMost(
                "End to end p50 at a steady rate, ms above Kafka alone",
                figure(steady, "Sluice", outcome -> end(outcome, 50)) / 1e6 - percentile(kafkaLatency, 50),
                10));
        all.add(Target.atMost(
                "End to end p99 at a steady rate, ms above Kafka alone",
                figure(steady, "Sluice", outcome -> end(outcome, 99)) / 1e6 - percentile(kafkaLatency, 99),
                50));
        all.add(Target.atLeast(
                "Backlog drain after Kafka was away to ready-made records",
                limitOf(WITHOUT_KAFKA) / limitOf(READY_MADE),
                0.85));
        all.add(Target.atLeast(
                "Backlog drain from a broker outside to one in the worker",
                limitOf(REMOTE_DRAIN) / limitOf(LOCAL_DRAIN),
                0.8));
        all.add(Target.atLeast(
                "QoS 2 to QoS 1, exactly once",
                rate("Exactly once", "Sluice, exactly once", 16, 2)
                        / rate("Exactly once", "Sluice, exactly once", 16, 1),
                0.5));
        all.addAll(targets);
        return all.stream().filter(target -> Double.isFinite(target.measured())).toList();
    }

    private double limitOf(String name) {
        return median(limits.getOrDefault(name, List.of(Double.NaN)).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    /** In milliseconds. */
    private static double percentile(List<Histogram> histograms, double percentile) {
        return median(histograms.stream()
                        .mapToDouble(histogram -> histogram.getValueAtPercentile(percentile))
                        .toArray())
                / 1e6;
    }

    private static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static List<Turns> turns(List<Outcome> outcomes) {
        return outcomes.stream()
                .collect(Collectors.groupingBy(
                        outcome -> List.of(outcome.contender().name(), outcome.load()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values()
                .stream()
                .map(same ->
                        new Turns(same.get(0).contender().name(), same.get(0).load(), same))
                .toList();
    }

    /** Writes {@code report.md} and its charts. */
    void write(Path folder, String command) throws IOException {
        Files.createDirectories(folder);
        StringBuilder text = new StringBuilder();
        text.append("# Benchmark\n\nMade with `")
                .append(command)
                .append("` on ")
                .append(LocalDate.now(ZoneOffset.UTC))
                .append(".\n\n")
                .append(machine())
                .append("\n\n## Targets\n\n")
                .append(Target.table(targets()));
        for (Map.Entry<String, List<Outcome>> section : sections.entrySet()) {
            text.append("\n## ").append(section.getKey()).append("\n\n").append(table(turns(section.getValue())));
        }
        text.append("\n## Rates\n\n| alone | messages a second, median |\n|---|---|\n");
        limits.forEach((name, rates) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %,.0f |%n",
                name,
                median(rates.stream().mapToDouble(Double::doubleValue).toArray()))));
        if (!kafkaLatency.isEmpty()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%nAt the steady rate, a Kafka producer alone to a consumer: p50 %.1f ms, p99 %.1f ms. The messages of a"
                            + " millisecond appended to a file and forced: p50 %.1f ms, p99 %.1f ms.%n",
                    percentile(kafkaLatency, 50),
                    percentile(kafkaLatency, 99),
                    percentile(groupCommit, 50),
                    percentile(groupCommit, 99)));
        }
        facts.forEach((section, sentences) -> text.append("\n## ")
                .append(section)
                .append("\n\n")
                .append(String.join("\n\n", sentences))
                .append("\n"));
        text.append("\n");
        for (Charts.Chart chart : Charts.draw(folder, sections)) {
            text.append("![")
                    .append(chart.title())
                    .append("](")
                    .append(chart.file())
                    .append(")\n\n");
        }
        Files.writeString(folder.resolve("report.md"), text.toString().stripTrailing() + "\n", StandardCharsets.UTF_8);
    }

    private static String machine() throws IOException {
        Path cpuInfo = Path.of("/proc/cpuinfo");
        String cpu = Files.isReadable(cpuInfo)
                ? Files.readAllLines(cpuInfo).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse("")
                : "";
        long memory = ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
        return String.format(
                Locale.ROOT,
                "Machine: %d cores %s, %d GiB, %s %s; Java %s. Load, Kafka, worker and brokers share it. Figures are"
                        + " medians; lost, twice, out of order and hung are sums over all turns.",
                Runtime.getRuntime().availableProcessors(),
                cpu,
                Math.round(memory / (double) (1 << 30)),
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.version());
    }

    private static String table(List<Turns> all) {
        StringBuilder text = new StringBuilder(
                "| | load | messages a second | CPU µs a message | PUBACK p50 / p99 ms |"
                        + " end to end p50 / p99 ms | lost | twice | out of order | hung |\n|---|---|---|---|---|---|---|---|---|---|\n");
        for (Turns turns : all) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,.0f | %.1f | %s | %s | %,d | %,d | %,d | %,d |%n",
                    turns.contender(),
                    turns.load(),
                    turns.median(Outcome::perSecond),
                    turns.median(Outcome::cpuMicros),
                    turns.load().qos() == 0
                            ? "–"
                            : millis(turns, outcome -> ack(outcome, 50)) + " / "
                                    + millis(turns, outcome -> ack(outcome, 99)),
                    turns.outcomes().get(0).arrived().stream()
                                    .allMatch(tally -> tally.latency().getTotalCount() == 0)
                            ? "–"
                            : millis(turns, outcome -> end(outcome, 50)) + " / "
                                    + millis(turns, outcome -> end(outcome, 99)),
                    turns.sum(Outcome::lost),
                    turns.sum(Outcome::twice),
                    turns.sum(Outcome::outOfOrder),
                    turns.sum(outcome -> outcome.published().hung())));
        }
        return text.toString();
    }

    private static double ack(Outcome outcome, double percentile) {
        return outcome.published().ackLatency().getValueAtPercentile(percentile);
    }

    private static double end(Outcome outcome, double percentile) {
        return outcome.arrived()
                .map(tally -> (double) tally.latency().getValueAtPercentile(percentile))
                .orElse(Double.NaN);
    }

    private static String millis(Turns turns, ToDoubleFunction<Outcome> figure) {
        return String.format(Locale.ROOT, "%.1f", turns.median(figure) / 1e6);
    }

    private double rate(String section, String contender, int connections, int qos) {
        double[] rates = sections.getOrDefault(section, List.of()).stream()
                .filter(outcome -> outcome.contender().name().equals(contender)
                        && outcome.load().connections() == connections
                        && outcome.load().qos() == qos)
                .mapToDouble(Outcome::perSecond)
                .toArray();
        return median(rates);
    }

    private double figure(String section, String contender, ToDoubleFunction<Outcome> figure) {
        double[] figures = sections.getOrDefault(section, List.of()).stream()
                .filter(outcome -> outcome.contender().name().equals(contender))
                .mapToDouble(figure)
                .toArray();
        return median(figures);
    }

    /** The report's tables for a terminal. */
    String summary() {
        return Target.table(targets())
                + sections.entrySet().stream()
                        .map(section -> "\n" + section.getKey() + "\n" + table(turns(section.getValue())))
                        .collect(Collectors.joining());
    }
}
