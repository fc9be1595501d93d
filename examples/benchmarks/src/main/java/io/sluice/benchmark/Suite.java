package io.sluice.benchmark;

import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.JvmProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is measured. Contenders take turns, so that a machine that is slower for a while is slower for all of them; ratios
 * are of medians within one run.
 */
final class Suite {

    static final String SUBSCRIBER = "Paho source connector";

    private static final int PAYLOAD_BYTES = 256;
    private static final int LATENCY_RATE = 5_000;

    /** A backlog that drains in a second says more of how fast a drain begins than of how fast it is. */
    private static final int TURNS_OF_BACKLOG = 5;

    private final Stage stage;
    private final Size size;
    private final Set<Part> parts;
    private final Report report;
    private final PrintWriter progress;
    private int run = (int) (System.nanoTime() & 0xffff) * 10_000;

    Suite(Stage stage, Size size, Report report, PrintWriter progress) {
        this.stage = stage;
        this.size = size;
        this.parts = size.parts();
        this.report = report;
        this.progress = progress;
    }

    void run() throws IOException, InterruptedException {
        ConnectWorker worker = stage.worker("worker", Stage.HEAP_MB, Map.of());
        Contender sluice = stage.sluice(worker, "Sluice", Map.of());
        Contender ingestion = stage.sluice(worker, "Sluice, no fan-out", Map.of("broker.fanout", "false"));
        Contender batching =
                stage.sluice(worker, "Sluice, batches of 16 KiB", Map.of("producer.override.batch.size", "16384"));
        Contender interceptor = stage.interceptor("Moquette + interceptor", "interceptor");
        Contender subscriber = stage.subscriber(worker, SUBSCRIBER, "subscriber");
        Contender moquette = stage.moquette("Moquette alone, no Kafka");
        List<Contender> all = List.of(sluice, ingestion, batching, interceptor, subscriber, moquette);

        for (int turn = 1; turn <= size.warmUps(); turn++) {
            for (Contender contender : all) {
                take(contender, Load.standard(16, messages(contender)));
            }
        }
        if (parts.contains(Part.THROUGHPUT)) {
            throughput(all);
        }
        if (parts.contains(Part.TUNING)) {
            tuning(worker, sluice, batching, interceptor);
        }
        if (parts.contains(Part.LIMITS)) {
            limits(worker);
        }
        if (parts.contains(Part.LATENCY)) {
            latency(List.of(sluice, ingestion, interceptor, moquette));
        }
        if (parts.contains(Part.LOADS)) {
            loads(sluice);
        }
        if (parts.contains(Part.VARIANTS)) {
            variants(worker);
        }
        if (parts.contains(Part.DRAINS)) {
            drains(worker, sluice);
        }
        if (parts.contains(Part.BACKLOG)) {
            say("backlog: " + size.backlog() + " messages while Kafka is away");
            report.backlog(new Backlogs(stage).withoutKafka(sluice, Load.standard(16, size.backlog()), ++run));
        }
        if (parts.contains(Part.EXACTLY_ONCE)) {
            exactlyOnce();
        }
        if (parts.contains(Part.MEMORY)) {
            memory(worker, sluice);
        }
    }

    private void memory(ConnectWorker worker, Contender sluice) throws IOException, InterruptedException {
        Footprint footprint = new Footprint(stage, report);
        say("idle connections");
        footprint.idleConnections(
                worker.process(),
                sluice,
                ++run,
                () -> report.add("Beside 10,000 idle connections", take(sluice, Load.standard(16, size.messages()))));
        say("a backlog of 5 GiB");
        run += 2;
        footprint.backlog(run - 1);
    }

    private void throughput(List<Contender> contenders) throws IOException, InterruptedException {
        for (int connections : size.connections()) {
            for (int round = 1; round <= size.rounds(); round++) {
                for (Contender contender : contenders) {
                    report.add("Throughput", take(contender, Load.standard(connections, messages(contender))));
                }
            }
        }
    }

    /** What users can set. */
    private void tuning(ConnectWorker worker, Contender sluice, Contender batching, Contender interceptor)
            throws IOException, InterruptedException {
        Map<String, String> smallBatches = Map.of("producer.override.batch.size", "16384");
        Map<String, String> lz4 = Map.of("producer.override.compression.type", "lz4");
        Map<String, String> noHeaders = Map.of("mqtt.headers", "none");
        List<Contender> contenders = List.of(
                interceptor,
                sluice,
                batching,
                stage.sluice(worker, "Sluice, lz4", lz4),
                stage.sluice(worker, "Sluice, no headers", noHeaders),
                stage.sluice(worker, "Sluice, lz4, no headers", both(lz4, noHeaders)),
                stage.sluice(worker, "Sluice, batches of 16 KiB, lz4", both(smallBatches, lz4)),
                stage.sluice(worker, "Sluice, batches of 16 KiB, no headers", both(smallBatches, noHeaders)),
                stage.sluice(worker, "Sluice, a filter", Map.of("filter", "levels[0] == 'bench' && qos > 0")));
        for (int round = 1 - size.warmUps(); round <= size.rounds(); round++) {
            for (Contender contender : contenders) {
                Outcome outcome = take(contender, Load.standard(16, size.messages()));
                if (round > 0) {
                    report.add("Tuning", outcome);
                }
            }
        }
    }

    private static Map<String, String> both(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }

    /** A rate shows as well in fewer messages where these take ten times as long. */
    private int messages(Contender contender) {
        return contender.name().equals(SUBSCRIBER) ? size.messages() / 4 : size.messages();
    }

    private void limits(ConnectWorker worker) throws IOException, InterruptedException {
        stage.createTopic("limits");
        for (int round = 1; round <= size.rounds(); round++) {
            say("Kafka producer alone");
            report.limit(
                    Report.PRODUCER,
                    Limits.producer(stage.kafka(), "limits", ++run, size.messages(), PAYLOAD_BYTES)
                            .perSecond());
            say("Kafka Connect with ready-made records");
            report.limit(
                    Report.READY_MADE,
                    Limits.readyMade(stage.kafka(), worker.rest(), "limits", ++run, size.messages(), PAYLOAD_BYTES)
                            .perSecond());
        }
    }

    private void latencyLimits() throws IOException, InterruptedException {
        say("Kafka producer alone at a steady rate, and group commits alone");
        report.latencyOfKafka(
                Limits.latency(stage.kafka(), "latency-limits", ++run, LATENCY_RATE, size.seconds(), PAYLOAD_BYTES));
        report.groupCommit(Limits.groupCommit(stage.folder(), LATENCY_RATE, size.seconds(), PAYLOAD_BYTES));
    }

    private void latency(List<Contender> contenders) throws IOException, InterruptedException {
        stage.createTopic("latency-limits");
        Load steady = Load.standard(16, 0).atRate(LATENCY_RATE, size.seconds());
        // What was compiled for full load is compiled again for this one.
        for (Contender contender : contenders) {
            take(contender, steady);
        }
        for (int round = 1; round <= size.rounds(); round++) {
            for (Contender contender : contenders) {
                report.add("Latency at " + LATENCY_RATE + "/s", take(contender, steady));
            }
            latencyLimits();
        }
    }

    private void loads(Contender sluice) throws IOException, InterruptedException {
        List<Load> loads = new ArrayList<>();
        Load standard = Load.standard(16, size.messages());
        for (int qos : new int[] {0, 1, 2}) {
            loads.add(standard.withQos(qos));
        }
        for (int bytes : new int[] {64, 1_024, 16_384}) {
            loads.add(new Load(1, bytes, 16, 100, bytes > 10_000 ? size.messages() / 10 : size.messages(), 0));
        }
        for (int window : new int[] {1, 20}) {
            loads.add(standard.withWindow(window));
        }
        for (int connections : new int[] {1, 1_000}) {
            loads.add(Load.standard(connections, size.messages()));
        }
        for (Load load : loads) {
            report.add("Every kind of load", take(sluice, load));
        }
    }

    /** What records look like, and how many filters there are. */
    private void variants(ConnectWorker worker) throws IOException, InterruptedException {
        Map<String, Map<String, String>> variants = new LinkedHashMap<>();
        for (String format : List.of("bytes", "tbmq", "robustmq", "cloudevents")) {
            variants.put("Format " + format, Map.of("value.format", format));
        }
        variants.put(
                "Format struct, JsonConverter",
                Map.of("value.format", "struct", "value.converter", "org.apache.kafka.connect.json.JsonConverter"));
        for (int filters : new int[] {100, 10_000}) {
            variants.put(
                    "Filters: " + filters,
                    Map.of(
                            "topic.filters",
                            IntStream.range(1, filters)
                                    .mapToObj(i -> "factory/line-" + i + "/+/temperature")
                                    .collect(Collectors.joining(",", "", ",bench/#"))));
        }
        for (Map.Entry<String, Map<String, String>> variant : variants.entrySet()) {
            Contender contender = stage.sluice(worker, variant.getKey(), variant.getValue());
            for (int turn = 1; turn <= 2; turn++) {
                Outcome outcome = take(contender, Load.standard(16, size.messages()), false);
                if (turn > 1) {
                    report.add("Formats and filters", outcome);
                }
            }
            worker.rest().delete(contender.topic().orElseThrow());
        }
    }

    /** The same backlog from a broker in the worker, and from one outside. */
    private void drains(ConnectWorker worker, Contender local) throws IOException, InterruptedException {
        Contender remote = stage.remoteSluice(worker, "Sluice, broker outside");
        take(remote, Load.standard(16, size.messages()));
        Backlogs backlogs = new Backlogs(stage);
        Load load = Load.standard(16, size.messages() * TURNS_OF_BACKLOG);
        for (int round = 1 - size.warmUps(); round <= size.rounds(); round++) {
            say("backlog: local, then remote");
            double inWorker =
                    backlogs.whilePaused(worker.rest(), local, load, ++run).perSecond();
            double outside =
                    backlogs.whilePaused(worker.rest(), remote, load, ++run).perSecond();
            if (round > 0) {
                report.limit(Report.LOCAL_DRAIN, inWorker);
                report.limit(Report.REMOTE_DRAIN, outside);
            }
        }
        worker.rest().delete(remote.topic().orElseThrow());
    }

    private void exactlyOnce() throws IOException, InterruptedException {
        ConnectWorker worker =
                stage.worker("exactly-once-worker", Stage.HEAP_MB, Map.of("exactly.once.source.support", "enabled"));
        Contender contender = stage.sluice(worker, "Sluice, exactly once", Map.of());
        for (int turn = 1; turn <= size.warmUps(); turn++) {
            take(contender, Load.standard(16, size.messages()));
        }
        for (int round = 1; round <= size.rounds(); round++) {
            for (int qos : new int[] {1, 2}) {
                report.add(
                        "Exactly once",
                        take(contender, Load.standard(16, size.messages()).withQos(qos)));
            }
        }
    }

    private Outcome take(Contender contender, Load load) throws IOException, InterruptedException {
        return take(contender, load, true);
    }

    private Outcome take(Contender contender, Load load, boolean stamped) throws IOException, InterruptedException {
        say(contender.name() + ": " + load);
        int number = ++run;
        Duration before = cpu(contender);
        if (contender.topic().isEmpty()) {
            Published published = LoadGenerator.publish(load, contender.port(), number);
            return new Outcome(
                    contender, load, published, Optional.empty(), cpu(contender).minus(before));
        }
        Tally tally = new Tally(number, load.connections());
        String topic = contender.topic().get();
        String kafka = stage.kafka().bootstrapServers();
        try (KafkaTail tail = stamped ? new KafkaTail(kafka, topic, tally) : KafkaTail.counting(kafka, topic, tally)) {
            Published published = LoadGenerator.publish(load, contender.port(), number);
            tail.await(published.published());
            return new Outcome(
                    contender,
                    load,
                    published,
                    Optional.of(tally),
                    cpu(contender).minus(before));
        }
    }

    private static Duration cpu(Contender contender) {
        return contender.processes().stream().map(JvmProcess::cpuTime).reduce(Duration.ZERO, Duration::plus);
    }

    private void say(String what) {
        progress.println("  " + what);
        progress.flush();
    }
}
